using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>
/// Pictures in one folder a class, also in folders below that. The classes are the names of the folders in ordinal order.
/// </summary>
/// <remarks>
/// The images are in the order of their file names, digits as numbers (<see cref="NaturalOrder"/>), whatever their class; those of one
/// name by class, then by the path below it. So images that were numbered before they were sorted into folders are in their old order
/// again.
/// </remarks>
internal sealed class ImageFolder : RawImages
{
    private const int MostNamed = 3;

    // Pictures that are not read, whatever they begin with.
    private static readonly HashSet<string> OtherPictures = new(StringComparer.OrdinalIgnoreCase)
    {
        ".tif", ".tiff", ".heic", ".heif", ".avif", ".svg", ".psd",
    };

    private readonly string[] _paths;

    private ImageFolder(string folder, TextValues labels, string[] paths) : base(folder, labels) => _paths = paths;

    /// <summary>Files beside the pictures that are none, below the folder, in natural order.</summary>
    public required IReadOnlyList<string> PassedOver { get; init; }

    /// <summary>Pictures right in the folder, which have no class, in natural order.</summary>
    public required IReadOnlyList<string> Loose { get; init; }

    /// <summary>Folders without a picture; they are no classes.</summary>
    public required IReadOnlyList<string> EmptyClasses { get; init; }

    /// <summary>
    /// Whether a folder has the form of classes: pictures right in at least one of its sub-folders, or in two where it has some itself; or
    /// pictures a folder deeper in two of them.
    /// </summary>
    /// <exception cref="DatasetException">The folder cannot be read.</exception>
    public static bool HasForm(string folder) => HasForm(folder, FolderFiles.IsPicture);

    /// <summary>The same with pictures of kinds that are not read, such as TIFF.</summary>
    /// <exception cref="DatasetException">The folder cannot be read.</exception>
    public static bool HasFormOfOthers(string folder) => HasForm(folder, name => OtherPictures.Contains(Path.GetExtension(name)));

    private static bool HasForm(string folder, Predicate<string> isPicture)
    {
        int least = FolderFiles.Files(folder).Any(file => isPicture(file.Name)) ? 2 : 1;
        return FolderFiles.SubFolders(folder).Where(inner => FolderFiles.Files(inner.FullName).Any(file => isPicture(file.Name)))
            .Take(least).Count() == least
            || FolderFiles.SubFolders(folder).Where(inner => FolderFiles.SubFolders(inner.FullName)
                .Any(deeper => FolderFiles.Files(deeper.FullName).Any(file => isPicture(file.Name)))).Take(2).Count() == 2;
    }

    /// <summary>Lists all pictures in a folder and below as those of one class, by their paths; opens none of them.</summary>
    /// <exception cref="DatasetException">It cannot be read, or has no pictures.</exception>
    public static ImageFolder ReadUnlabelled(string folder)
    {
        string root = Path.GetFullPath(folder);
        string[] paths = [.. FolderFiles.FilesBelow(root).Where(FolderFiles.IsPicture).Order(NaturalOrder.Instance)];
        return paths.Length == 0
            ? throw new DatasetException($"The folder '{root}' has no pictures. Expected {PictureFile.Kinds} files.")
            : new ImageFolder(
                root, new TextValues("label", [""], new int[paths.Length]), [.. paths.Select(path => Path.Combine(root, path))])
            {
                PassedOver = [], Loose = [], EmptyClasses = [],
            };
    }

    /// <summary>Lists the pictures of a folder; opens none of them.</summary>
    /// <exception cref="DatasetException">
    /// It cannot be read, has no pictures, or pictures that are not read; the message names them.
    /// </exception>
    public static ImageFolder Read(string folder)
    {
        string root = Path.GetFullPath(folder);
        var found = new List<Entry>();
        var classes = new List<string>();
        var empty = new List<string>();
        string[] beside = [.. FolderFiles.Files(root).Select(file => file.Name)];
        string[] loose = [.. beside.Where(FolderFiles.IsPicture)];
        List<string> others = [.. beside.Except(loose)];
        foreach (DirectoryInfo inner in FolderFiles.SubFolders(root))
        {
            int before = found.Count;
            foreach (string path in FolderFiles.FilesBelow(inner.FullName))
            {
                if (FolderFiles.IsPicture(path))
                    found.Add(new Entry(Path.GetFileName(path), classes.Count, path));
                else
                    others.Add(Path.Combine(inner.Name, path));
            }

            (found.Count > before ? classes : empty).Add(inner.Name);
        }

        others.Sort(NaturalOrder.Instance);
        RefusePictures(root, [.. others.Where(path => IsPicture(root, path))]);
        if (found.Count == 0)
        {
            throw new DatasetException(
                $"The folder '{root}' has no pictures in {(empty.Count == 0 ? "sub-folders" : $"its {empty.Count:N0} sub-folders")}. "
                    + $"Expected {PictureFile.Kinds} files in one sub-folder a class, such as cat/1.png and dog/2.png.");
        }

        found.Sort();
        return new ImageFolder(
            root, new TextValues("label", classes, [.. found.Select(entry => entry.Class)]),
            [.. found.Select(entry => Path.Combine(root, classes[entry.Class], entry.Path))])
        {
            PassedOver = others,
            Loose = [.. loose.Order(NaturalOrder.Instance)],
            EmptyClasses = empty,
        };
    }

    /// <summary>Paths of the pictures below the folder.</summary>
    public IReadOnlyList<string> Files => [.. _paths.Select(path => Path.GetRelativePath(Source, path))];

    /// <inheritdoc/>
    public override string NameOf(int image) => _paths[image];

    /// <inheritdoc/>
    public override Pixels Read(int image) => PictureFile.Read(_paths[image]);

    private static bool IsPicture(string root, string path) =>
        FolderFiles.IsPicture(path) || OtherPictures.Contains(Path.GetExtension(path))
        || PictureFile.LooksLikePicture(Path.Combine(root, path));

    private static void RefusePictures(string root, string[] pictures)
    {
        if (pictures.Length == 0)
            return;
        string named = string.Join(", ", pictures.Take(MostNamed).Select(path => $"'{path}'"));
        string more = pictures.Length > MostNamed ? $" and {pictures.Length - MostNamed:N0} more" : "";
        string files = pictures.Length == 1 ? "1 picture that is" : $"{pictures.Length:N0} pictures that are";
        throw new DatasetException(
            $"The image folder '{root}' has {files} not read: {named}{more}. Expected {PictureFile.Kinds} files, called so, in one "
                + "sub-folder a class. Move or remove the others, or save them as PNG.");
    }

    private readonly record struct Entry(string Name, int Class, string Path) : IComparable<Entry>
    {
        public int CompareTo(Entry other)
        {
            int order = NaturalOrder.Instance.Compare(Name, other.Name);
            if (order == 0)
                order = Class.CompareTo(other.Class);
            return order != 0 ? order : string.CompareOrdinal(Path, other.Path);
        }
    }
}
