using Lockstep.Shared.Files;

namespace Lockstep.Cli.Images;

/// <summary>Writes a result for the user as a file that appears whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes the file.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="what">What it is, for the message, such as "contact sheet".</param>
    /// <exception cref="RequestException">It could not be written; nothing is left behind.</exception>
    public static void Write(string path, byte[] content, string what)
    {
        string fullPath = Path.GetFullPath(path);
        try
        {
            Disk.OfThisMachine.WriteWhole(fullPath, file => file.Write(content));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string problem = Directory.Exists(fullPath) ? "there is a folder of that name"
                : Directory.Exists(Path.GetDirectoryName(fullPath)) ? exception.Message.TrimEnd('.') : "the folder does not exist";
            throw new RequestException(
                $"The {what} could not be written to '{fullPath}': {problem}. Name a file in a folder that you can write to.", exception);
        }
    }
}
