using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>Makes a data set from raw examples: classes, split, inputs. Everything that it decides is in the result's
/// preparation.</summary>
/// <param name="name">Name of the data set.</param>
/// <param name="path">File or folder that it comes from.</param>
/// <param name="options">What the user says.</param>
/// <param name="known">The preparation of a run that used the same files before; null finds a new one.</param>
/// <param name="progress">Told what is read, and how far, from any thread.</param>
internal sealed class Preparer(string name, string path, PreparationOptions options, Preparation? known, Action<string>? progress)
{
    private const double DefaultShare = 0.1;

    private readonly DataNotices _notices = new(options, isNew: known is null);

    /// <summary>What the user should know: a sentence each.</summary>
    public IReadOnlyList<string> Notices => _notices.All;

    /// <summary>Columns that give the class away.</summary>
    public IReadOnlyList<string> Leaks => _notices.Leaks;

    /// <summary>Makes the data set.</summary>
    /// <exception cref="DatasetException">The examples cannot be used; the message says why and what to do.</exception>
    public Dataset Prepare(RawParts parts) => Make(Divide(parts));

    /// <summary>Makes the data set of a run.</summary>
    /// <param name="parts">Files that may be those of the run.</param>
    /// <param name="run">The run's data.</param>
    /// <returns>Null where the examples are others, or too few for a data set.</returns>
    /// <exception cref="DatasetException">The examples do not fit the model.</exception>
    public Dataset? TryPrepare(RawParts parts, DataSpec run)
    {
        try
        {
            Division division = Divide(parts);
            // Most other files have another number of examples, and need not be prepared to tell.
            if (division.Training.Rows.Length != run.TrainingExamples || division.Validation.Rows.Length != run.ValidationExamples)
                return null;
            Dataset data = Make(division);
            return data.Sha256 == run.Sha256 ? data : null;
        }
        catch (TooFewExamplesException)
        {
            return null;
        }
    }

    /// <summary>Makes examples of all of a file, for a model that was trained on others like them.</summary>
    /// <param name="raw">The file.</param>
    /// <param name="preparation">That of the model.</param>
    /// <param name="areLabelled">Whether the labels are read; otherwise all examples have class 0, or targets 0.</param>
    /// <exception cref="DatasetException">The examples do not fit the model.</exception>
    public Examples Apply(RawExamples raw, Preparation preparation, bool areLabelled)
    {
        ExamplesKind.RefuseOther(raw, preparation);
        byte[] labels = new byte[raw.Count];
        if (areLabelled && preparation.Targets.Count == 0)
        {
            (raw, RawColumn column) = Labelled(raw, preparation.Label);
            labels = new ClassTable(preparation.Classes).NumbersOf(column, raw);
        }
        else if (raw is RawTable table && preparation.Inputs is ImageSpec image)
        {
            RawColumn? label = table.Columns.FirstOrDefault(column => column.Name == preparation.Label);
            raw = PixelTable.Of(table, label, new ImageSize(image.Height, image.Width, image.Channels))!;
        }

        var all = Part.Whole(raw, labels);
        return ExamplesOf(preparation.Inputs, mayBeGrey: true, [all], preparation.Targets, areLabelled)!;
    }

    private Division Divide(RawParts parts)
    {
        RawExamples[] files = [.. new[] { parts.Training, parts.Validation, parts.Test }.OfType<RawExamples>()];
        foreach (RawExamples file in files)
            ExamplesKind.RefuseOther(file, known);
        _notices.OfOptions(parts.Training);
        IReadOnlyList<string> targets = TargetsOf(parts.Training);
        if (targets.Count > 0)
            return DivideRows(parts, files, targets);
        string? label = LabelOf(parts.Training);
        (RawExamples Part, RawColumn Labels)[] labelled = [.. files.Select(file => Labelled(file, label))];
        ClassTable classes = known is null
            ? ClassTable.Find([.. labelled.Select(part => (part.Labels, part.Part))])
            : new ClassTable(known.Classes);
        byte[][] labels = [.. labelled.Select(part => classes.NumbersOf(part.Labels, part.Part))];

        string? advice = classes.AdviceWhereRare(labelled[0].Labels, labelled[0].Part);
        return Divide(parts, [.. labelled.Select(part => part.Part)], labels, classes, advice) with { Label = label };
    }

    // Rows with targets are divided as those of one class.
    private Division DivideRows(RawParts parts, RawExamples[] files, IReadOnlyList<string> targets) =>
        Divide(parts, files, [.. files.Select(file => new byte[file.Count])], new ClassTable([])) with { Targets = targets };

    private Division Divide(RawParts parts, RawExamples[] files, byte[][] labels, ClassTable classes, string? advice = null)
    {
        SplitSpec split = known?.Split ?? SplitOf(parts);
        var indices = ExampleSplit.Of(labels[0], split);
        Part training = new(files[0], indices.Training, labels[0]);
        Part validation = parts.Validation is null ? new(files[0], indices.Validation, labels[0]) : Part.Whole(files[1], labels[1]);
        Part test = parts.Test is null ? new(files[0], indices.Test, labels[0]) : Part.Whole(files[^1], labels[^1]);
        RefuseEmpty(training, validation, test, advice);
        return new Division(training, validation, test, classes, split);
    }

    private Dataset Make(Division parts)
    {
        _notices.OfDivision(parts);
        IReadOnlyList<TargetSpec> targets = known?.Targets
            ?? (parts.Targets.Count == 0 ? [] : TargetColumns.Fit((RawTable)parts.Training.Raw, parts.Targets, parts.Training.Rows));
        InputSpec inputs = known?.Inputs ?? InputsOf(parts.Training, parts.Label is { } label ? [label] : parts.Targets);
        _notices.OfColumns(parts.Training.Raw, inputs);
        _notices.OfLeaks(parts, inputs);
        (Examples trained, Examples tested, inputs) = Read(parts.Training, parts.Validation, parts.Test, inputs, targets);
        var data = new Dataset(name, trained, tested, parts.Validation.Rows.Length)
        {
            Path = path,
            Preparation = new Preparation
            {
                Inputs = inputs,
                Classes = parts.Classes.Names,
                Label = parts.Label,
                Split = parts.Split,
                Targets = targets,
            },
        };
        _notices.OfRepeated(parts, data);
        return data;
    }

    /// <summary>The columns of targets of a table; empty where there are classes.</summary>
    /// <exception cref="DatasetException">The examples can have no targets, or the user names no column.</exception>
    private IReadOnlyList<string> TargetsOf(RawExamples training)
    {
        if (known is not null)
            return [.. known.Targets.Select(target => target.Name)];
        if (options.Target is not { } given)
            return [];
        if (options.Label is not null)
            throw new DatasetException("--label and --target contradict each other: examples have either a class or numbers to predict. "
                + "Give one of them.");
        if (training is not RawTable table)
            throw new DatasetException($"'{training.Source}' holds images, for which --target has no meaning: numbers are predicted from "
                + "rows of a table, or from arrays of numbers, such as x of float32.");
        if (options.ImageSize is not null)
            throw new DatasetException("--image-size and --target contradict each other: numbers are predicted from rows, not from images. "
                + "Leave --image-size out.");
        if (table.Targets is not { } columns)
            return ColumnNames.Targets(table, given, options.Categorical);
        return given == "y" ? columns : throw new DatasetException(
            $"'{table.Source}' has its targets in an array of their own, which --target calls y. Give --target y.");
    }

    /// <summary>The column of classes of a table; null for other examples.</summary>
    /// <exception cref="DatasetException">It is not known which column holds the class.</exception>
    public string? LabelOf(RawExamples training) =>
        training is not RawTable table ? null
        : known?.Label ?? ColumnNames.Label(table, options.Label);

    /// <summary>A part as it is prepared, a table of pixels as images, and its labels.</summary>
    private (RawExamples Part, RawColumn Labels) Labelled(RawExamples part, string? label)
    {
        if (part is RawImages images)
            return (part, images.Labels);
        var table = (RawTable)part;
        RawColumn column = table.Columns.FirstOrDefault(column => column.Name == label)
            ?? throw new DatasetException($"'{part.Source}' has no column {ForeignText.Quote(label!)}, which holds the class.");
        ImageSize? size = known?.Inputs switch
        {
            ImageSpec image => new ImageSize(image.Height, image.Width, image.Channels),
            TableSpec => null,
            _ => options.ImageSize,
        };
        return known?.Inputs is TableSpec || PixelTable.Of(table, column, size) is not { } pixels ? (part, column) : (pixels, column);
    }

    /// <exception cref="DatasetException">The shares leave nothing to train on.</exception>
    private SplitSpec SplitOf(RawParts parts)
    {
        double? validation = parts.Validation is null ? options.Validation?.Share ?? DefaultShare : null;
        double? test = parts.Test is null ? options.Test?.Share ?? DefaultShare : null;
        return validation + test >= 1
            ? throw new DatasetException($"{ExampleSplit.SharesText(validation, test)} hold out all examples, so that none is left to "
                + "train on. Give shares with a sum below 1.")
            : new SplitSpec(validation, test, options.SplitKey);
    }

    private InputSpec InputsOf(Part training, IReadOnlyList<string> predicted) => training.Raw is RawImages images
        ? ImageInputs.SpecOf(images, options.ImageSize, isColour: false)
        : TableFit.Of((RawTable)training.Raw, predicted, training.Rows, options);

    private (Examples Training, Examples Test, InputSpec Inputs) Read(
        Part training, Part validation, Part test, InputSpec inputs, IReadOnlyList<TargetSpec> targets)
    {
        bool mayBeGrey = known is not null || options.ImageSize?.Channels is not null;
        if (ExamplesOf(inputs, mayBeGrey, [training, validation], targets) is { } trained
            && ExamplesOf(inputs, mayBeGrey, [test], targets) is { } tested)
            return (trained, tested, inputs);
        // Grey pictures came first; one that has colours makes all of them RGB.
        inputs = ImageInputs.SpecOf((RawImages)training.Raw, options.ImageSize, isColour: true);
        return (ExamplesOf(inputs, mayBeGrey, [training, validation], [])!, ExamplesOf(inputs, mayBeGrey, [test], [])!, inputs);
    }

    private Examples? ExamplesOf(
        InputSpec inputs, bool mayBeGrey, IReadOnlyList<Part> parts, IReadOnlyList<TargetSpec> targets, bool areLabelled = true) =>
        inputs is TableSpec table
        ? TableInputs.Of(table, parts, targets, areLabelled, _notices.Add)
        : ImageInputs.Of((ImageSpec)inputs, isOfModel: known is not null, mayBeGrey, parts, progress);

    private static void RefuseEmpty(Part training, Part validation, Part test, string? advice)
    {
        foreach ((string what, Part part) in new[] { ("training", training), ("validation", validation), ("the test", test) })
        {
            if (part.Rows.Length == 0)
                throw new TooFewExamplesException(
                    $"'{part.Raw.Source}' has {Format.Plural(part.Raw.Count, "example")}, of which none is left for {what}. "
                        + (advice ?? "Give more examples, or files of their own with --validation and --test."));
        }
    }
}
