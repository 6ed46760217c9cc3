using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>Finds the files of a data set in a folder that the user names.</summary>
internal static class DatasetLocator
{
    /// <summary>
    /// Looks in the subfolder with the name of the data set, then in the folder itself: the four files, compressed or raw, under their
    /// published name or with a dot before <c>idx</c>.
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

        return FindIn(source, Path.Combine(root, source.Name)) ?? FindIn(source, root);
    }

    /// <summary>End of a message: where <see cref="Find"/> looked, and for what.</summary>
    public static string Describe(DatasetSource source, string directory)
    {
        string root = Path.GetFullPath(directory);
        return $"'{root}' or '{Path.Combine(root, source.Name)}' (looked for {List(source.Files)}, "
            + "also without .gz and with a dot before 'idx')";
    }

    private static DatasetLocation? FindIn(DatasetSource source, string directory)
    {
        string?[] paths = [.. source.Files.Select(file => FindFile(file, directory))];
        if (paths.All(path => path is null))
            return null;
        if (paths.Any(path => path is null))
        {
            throw new DatasetException(
                $"The folder '{directory}' has only some of the files of {source.Title}; "
                + $"missing: {List(source.Files.Where((_, i) => paths[i] is null))} "
                + "(also accepted without .gz and with a dot before 'idx'). "
                + "Add the missing files, or name another folder in --data-dir or LOCKSTEP_DATA_DIR.");
        }

        return new DatasetLocation(directory, paths[0]!, paths[1]!, paths[2]!, paths[3]!);
    }

    private static string? FindFile(DatasetFile file, string directory)
        => file.Spellings.Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static string List(IEnumerable<DatasetFile> files) => string.Join(", ", files.Select(file => file.Name));
}
