using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>Finds the files of a data set in a folder that the user names.</summary>
internal static class DatasetLocator
{
    private const int MostNamed = 8;

    /// <summary>
    /// Looks in the subfolder with the name of the data set, then in the folder itself, then where torchvision puts the files
    /// (<c>MNIST/raw</c>): the four files, compressed or raw, under their published name or with a dot before <c>idx</c>, each also in a
    /// folder of its name.
    /// </summary>
    /// <returns>Null when none of the files is there.</returns>
    /// <exception cref="DatasetException">The folder does not exist or cannot be read, or has only some of the files.</exception>
    public static DatasetLocation? Find(DatasetSource source, string directory)
    {
        string root = Path.GetFullPath(directory);
        if (!Directory.Exists(root))
        {
            throw new DatasetException(File.Exists(root)
                ? $"The data folder '{root}' is a file; expected a folder with the four files of {source.Title}. "
                    + "Name the folder in --data-dir or LOCKSTEP_DATA_DIR."
                : $"The data folder '{root}' does not exist. "
                    + "Correct --data-dir or LOCKSTEP_DATA_DIR, or leave it out to use the cache or a download.");
        }

        string[] folders =
        [
            Path.Combine(root, source.Name), root, Path.Combine(root, source.TorchvisionFolder, "raw"), Path.Combine(root, "raw"),
        ];
        return folders.Select(folder => FindIn(source, folder)).FirstOrDefault(location => location is not null);
    }

    /// <summary>Middle of a message: where <see cref="Find"/> looked, for what, and what is there.</summary>
    public static string Describe(DatasetSource source, string directory)
    {
        string root = Path.GetFullPath(directory);
        return $"'{root}', '{Path.Combine(root, source.Name)}' or '{Path.Combine(root, source.TorchvisionFolder, "raw")}' "
            + $"(looked for {List(source.Files)}, also without .gz and with a dot before 'idx'). {DescribeContent(root)}";
    }

    private static DatasetLocation? FindIn(DatasetSource source, string directory)
    {
        foreach (string prefix in source.Prefixes.Prepend(""))
        {
            string?[] paths = [.. source.Files.Select(file => FindFile(file, directory, prefix))];
            if (paths.All(path => path is not null))
                return new DatasetLocation(directory, paths[0]!, paths[1]!, paths[2]!, paths[3]!);
            if (prefix.Length == 0 && paths.Any(path => path is not null))
            {
                throw new DatasetException(
                    $"The folder '{directory}' has only some of the files of {source.Title}; "
                    + $"missing: {List(source.Files.Where((_, i) => paths[i] is null))} "
                    + "(also accepted without .gz and with a dot before 'idx'). "
                    + "Add the missing files, or name another folder in --data-dir or LOCKSTEP_DATA_DIR.");
            }
        }

        return null;
    }

    private static string? FindFile(DatasetFile file, string directory, string prefix) =>
        file.Spellings(prefix).Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static string DescribeContent(string root)
    {
        try
        {
            string[] names = [.. Directory.EnumerateFileSystemEntries(root).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
            if (names.Length == 0)
                return "The folder is empty.";
            string more = names.Length > MostNamed ? $" and {names.Length - MostNamed:N0} more" : "";
            return $"The folder has {string.Join(", ", names.Take(MostNamed))}{more}.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The folder cannot be read: {e.Message}";
        }
    }

    private static string List(IEnumerable<DatasetFile> files) => string.Join(", ", files.Select(file => file.Name));
}
