using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Interchange;

namespace Lockstep.Data.Raw.Arrays;

/// <summary>
/// Data in NumPy's arrays: a <c>.npz</c> file, or a folder with <c>.npy</c> files. What is what is told by the names, in capitals or not:
/// <c>x_train</c>, <c>y_train</c>, <c>x_test</c>, <c>y_test</c>, <c>x_val</c>, <c>y_val</c> as Keras has them, or <c>train_images</c>,
/// <c>train_labels</c>, ..., or <c>x</c> and <c>y</c> of one set.
/// </summary>
internal static class ArrayFile
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = NpzFile.Extension;

    private const int MostNamed = 12;

    private static readonly (string Values, string Labels)[] Training =
    [
        ("x_train", "y_train"), ("train_images", "train_labels"), ("train_x", "train_y"), ("train_data", "train_labels"),
        ("images", "labels"), ("data", "labels"), ("data", "target"), ("x", "y"),
    ];

    private static readonly (string Values, string Labels)[] Validation =
    [
        ("x_val", "y_val"), ("x_valid", "y_valid"), ("x_validation", "y_validation"), ("val_images", "val_labels"), ("val_x", "val_y"),
        ("val_data", "val_labels"), ("valid_images", "valid_labels"),
    ];

    private static readonly (string Values, string Labels)[] Test =
    [
        ("x_test", "y_test"), ("test_images", "test_labels"), ("test_x", "test_y"), ("test_data", "test_labels"),
    ];

    /// <summary>Whether a path is a <c>.npz</c> file by its name, or a folder with <c>.npy</c> files.</summary>
    public static bool HasForm(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*" + NpzEntries.Extension).Any()
        : path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the parts of a data set.</summary>
    /// <param name="path">A <c>.npz</c> file, or a folder with <c>.npy</c> files.</param>
    /// <param name="areLabelled">Whether labels are needed; otherwise the training part may lack them, and all its labels are 0.</param>
    /// <param name="hasTargets">Whether the labels are numbers to predict, of any number an example.</param>
    /// <exception cref="DatasetException">
    /// It cannot be read, is damaged, or has arrays of other names, types or shapes; the message says what is there.
    /// </exception>
    public static RawParts Read(string path, bool areLabelled = true, bool hasTargets = false)
    {
        if (!Directory.Exists(path))
            DataFile.Open(path, $"a {Extension} file, or a folder with .npy files").Dispose();
        if (areLabelled && NamedArrays.IsOneArray(path) && File.Exists(path))
            throw new DatasetException(
                $"'{path}' is one array, without labels. Give a folder with both, such as x_train.npy and y_train.npy, or a {Extension} "
                    + "file with arrays of these names.");
        return NamedArrays.Read(path, arrays =>
        {
            RawExamples training = (areLabelled ? null : Unlabelled(arrays)) ?? Part(arrays, Training, hasTargets) ?? throw Unknown(arrays);
            return new RawParts(
                training, Same(training, Part(arrays, Validation, hasTargets), "validation"),
                Same(training, Part(arrays, Test, hasTargets), "test"));
        });
    }

    private static RawExamples? Part(NamedArrays arrays, (string Values, string Labels)[] names, bool hasTargets)
    {
        foreach ((string values, string labels) in names)
        {
            if (Find(arrays, values) is { } x && Find(arrays, labels) is { } y)
            {
                DenseArray examples = arrays.Read(x), classes = arrays.Read(y);
                if (examples.Shape is [var count, ..] && classes.Shape is [var other, ..] && count != other)
                {
                    throw new DatasetException(
                        $"'{arrays.Path}': '{x}' has the shape {ForeignText.Shape(examples.Shape)}, '{y}' "
                            + $"{ForeignText.Shape(classes.Shape)}; expected as many labels as examples. Save both from the same data.");
                }

                return hasTargets
                    ? ArrayExamples.OfTargets(examples, classes, arrays.Path)
                    : ArrayExamples.Of(examples, ArrayLabels.Of(classes, arrays.Path), arrays.Path);
            }
        }

        // One without the other is a mistake unless it belongs to another pair.
        (string Values, string Labels) half = names.FirstOrDefault(
            pair => Find(arrays, pair.Values) is null != Find(arrays, pair.Labels) is null);
        if (half == default)
            return null;
        (string there, string missing) = Find(arrays, half.Values) is null ? (half.Labels, half.Values) : (half.Values, half.Labels);
        throw new DatasetException(
            $"'{arrays.Path}' has the array '{there}', but not '{missing}'. It has {Describe(arrays)}. Add what is missing.");
    }

    /// <summary>The training part where it has no labels; null where it has them, or is not there.</summary>
    private static RawExamples? Unlabelled(NamedArrays arrays)
    {
        if (Training.Any(pair => Find(arrays, pair.Labels) is not null)
            || Training.Select(pair => Find(arrays, pair.Values)).FirstOrDefault(name => name is not null) is not { } values)
            return null;
        DenseArray examples = arrays.Read(values);
        int count = examples.Shape is [var first, ..] ? first : 0;
        return ArrayExamples.Of(examples, new TextValues(ArrayLabels.ColumnName, ["0"], new int[count]), arrays.Path);
    }

    private static RawExamples? Same(RawExamples training, RawExamples? part, string name)
    {
        (string first, string second) = (Describe(training), part is null ? "" : Describe(part));
        return part is null || first == second ? part : throw new DatasetException(
            $"'{training.Source}': the training examples are {first}, those for {name} {second}; expected the same kind and size.");
    }

    private static string Describe(RawExamples examples) => examples switch
    {
        ByteImages images => $"images of {images.Height} x {images.Width} x {images.Channels} bytes",
        RawTable table => $"rows of {table.Columns.Count - 1:N0} numbers",
        _ => examples.GetType().Name,
    };

    private static string? Find(NamedArrays arrays, string name) =>
        arrays.Names.FirstOrDefault(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase));

    private static DatasetException Unknown(NamedArrays arrays) => new(
        $"'{arrays.Path}' has no arrays of known names: it has {Describe(arrays)}. Expected x_train and y_train, if there are any also "
            + "x_val, y_val, x_test and y_test; or train_images and train_labels, images and labels, data and target, or X and y. "
            + "Save them under these names, such as numpy.savez('data.npz', x_train=images, y_train=labels).");

    private static string Describe(NamedArrays arrays)
    {
        if (arrays.Names.Count == 0)
            return "no arrays";
        IEnumerable<string> described = arrays.Names.Take(MostNamed).Select(name =>
        {
            NpyHeader header = arrays.ReadHeader(name);
            return $"{ForeignText.Quote(name)} {ForeignText.Shape(header.Shape)} of {ForeignText.Quote(header.Descr)}";
        });
        string more = arrays.Names.Count > MostNamed ? $" and {arrays.Names.Count - MostNamed:N0} more" : "";
        return string.Join(", ", described) + more;
    }
}
