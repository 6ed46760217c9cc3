namespace Lockstep.Cli.Images;

/// <summary>Writes a result for the user as a file that appears whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes it under a temporary name beside the file, and renames it.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="what">What it is, for the message, such as "contact sheet".</param>
    /// <exception cref="UserErrorException">It could not be written; nothing is left behind.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, string what)
    {
        string fullPath = Path.GetFullPath(path);
        string temporary = $"{fullPath}.{Guid.NewGuid():n}.part";
        try
        {
            try
            {
                using (var file = new FileStream(temporary, FileMode.CreateNew))
                    file.Write(content);
                File.Move(temporary, fullPath, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string problem = Directory.Exists(fullPath) ? "there is a folder of that name"
                : Directory.Exists(Path.GetDirectoryName(fullPath)) ? exception.Message.TrimEnd('.') : "the folder does not exist";
            throw new UserErrorException($"The {what} could not be written to '{fullPath}': {problem}. Name a file in a folder that you can write to.", exception);
        }
    }
}
