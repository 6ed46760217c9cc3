using Lockstep.Model.Data;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>
/// What lies in folders of data. Hidden files and what systems leave behind (<c>Thumbs.db</c>, <c>__MACOSX</c>) are as if they were not
/// there. Links are followed; a folder that was already seen is not read again, so loops end.
/// </summary>
internal static class FolderFiles
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, MatchType = MatchType.Simple };

    private static readonly HashSet<string> SystemNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "Thumbs.db", "ehthumbs.db", "desktop.ini", "__MACOSX", "Icon\r", "@eaDir",
    };

    private static readonly HashSet<string> PictureExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp",
    };

    /// <summary>Whether a name is one of a picture that is read.</summary>
    public static bool IsPicture(string name) => PictureExtensions.Contains(Path.GetExtension(name));

    /// <summary>Sub-folders of a folder by name, in ordinal order; links to folders are sub-folders, too.</summary>
    /// <exception cref="DatasetException">The folder cannot be read.</exception>
    public static IReadOnlyList<DirectoryInfo> SubFolders(string folder) => List<DirectoryInfo>(folder, static root =>
        [.. root.EnumerateDirectories("*", Everything).Where(IsSeen).OrderBy(entry => entry.Name, StringComparer.Ordinal)]);

    /// <summary>Files right in a folder, in no order.</summary>
    /// <exception cref="DatasetException">The folder cannot be read.</exception>
    public static IReadOnlyList<FileInfo> Files(string folder) => List<FileInfo>(folder, static root =>
        [.. root.EnumerateFiles("*", Everything).Where(IsSeen)]);

    /// <summary>Paths of all files in a folder and below, relative to it, in no order.</summary>
    /// <exception cref="DatasetException">A folder cannot be read.</exception>
    public static IReadOnlyList<string> FilesBelow(string folder)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<(string Folder, string Prefix)>([(Target(new DirectoryInfo(folder)), "")]);
        while (waiting.TryPop(out (string Folder, string Prefix) next))
        {
            if (!seen.Add(next.Folder))
                continue;
            foreach (FileInfo file in Files(next.Folder))
                found.Add(next.Prefix + file.Name);
            foreach (DirectoryInfo inner in SubFolders(next.Folder))
                waiting.Push((Target(inner), $"{next.Prefix}{inner.Name}{Path.DirectorySeparatorChar}"));
        }

        return found;
    }

    private static bool IsSeen(FileSystemInfo entry) => !entry.Name.StartsWith('.') && !SystemNames.Contains(entry.Name);

    /// <summary>Where a folder is, if it is a link.</summary>
    private static string Target(DirectoryInfo folder)
    {
        try
        {
            return Path.TrimEndingDirectorySeparator((folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName);
        }
        catch (IOException)
        {
            return folder.FullName; // A link to itself; reading it says so.
        }
    }

    private static IReadOnlyList<T> List<T>(string folder, Func<DirectoryInfo, IReadOnlyList<T>> list)
    {
        try
        {
            return list(new DirectoryInfo(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string problem = File.Exists(folder) ? "it is a file"
                : Directory.Exists(folder) ? e.Message.TrimEnd('.')
                : "there is no such folder";
            throw new DatasetException($"The folder '{folder}' cannot be read: {problem}. Name a folder that this user may read.", e);
        }
    }
}
