using Lockstep.Shared.Files;

namespace Lockstep.Cli.Images;

/// <summary>Writes a result for the user as a file that appears whole or not at all.</summary>
internal static class WholeFile
{
    // Signatures of pictures, the first tag of HTML and SVG, the first names of a header of CSV.
    private const int BytesOfKind = 8;

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file. One that is there is replaced if it is of the same kind: if it begins in the same way.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="what">What it is, for the message, such as "contact sheet".</param>
    /// <exception cref="RequestException">
    /// Another kind of file has that name, or it could not be written; nothing is left behind.
    /// </exception>
    public static void Write(string path, byte[] content, string what)
    {
        string fullPath = Path.GetFullPath(path);
        try
        {
            if (File.Exists(fullPath) && !BeginsLike(fullPath, content))
                throw new RequestException(
                    $"'{fullPath}' exists and is not of this kind ({what}), so it is not replaced. Choose another name, or remove it "
                        + "first.");
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

    private static bool BeginsLike(string path, ReadOnlySpan<byte> content)
    {
        using FileStream file = RegularFile.OpenToRead(path);
        Span<byte> beginning = stackalloc byte[BytesOfKind];
        int length = file.ReadAtLeast(beginning, BytesOfKind, throwOnEndOfStream: false);
        return content.StartsWith(beginning[..length]);
    }
}
