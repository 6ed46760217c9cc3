using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>data info</c>: describes a data set.</summary>
internal sealed class DataInfoCommand : CliCommand
{
    private readonly Argument<string> _name;

    public DataInfoCommand()
        : base("data info", "Counts, shapes, classes and digest of a data set")
    {
        _name = Take<string>(
            "NAME", $"One of {string.Join(", ", DatasetCatalog.Names)}; left out, the one that train would take.", ArgumentArity.ZeroOrOne);
        _name.CompletionSources.Add([.. DatasetCatalog.Names]);
        Take(OptionHeading.Data, DataOptions.DataDir, DataOptions.Offline);
        Take(OptionHeading.Output, [OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Data;

    public override string Details =>
        "Describes a data set: where it comes from, counts, shapes, share of non-zero pixels, classes, digest.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep data info", "what train would train on"),
        ("lockstep data info mnist --data-dir ~/mnist --json", "files of your own"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        LoadedDataset loaded;
        await using (RunDisplay display = RunDisplay.Create(invocation.Io, invocation.Settings))
            loaded = await DatasetAccess.LoadAsync(
                DatasetAccess.Name(invocation.Find(_name)), invocation.Settings, invocation.Io, display, CancellationToken.None);
        if (invocation.Settings.Get(OutputOptions.Json))
            JsonOutput.Write(invocation.Io.Out, JsonOf(loaded), ResultsContext.Default.DatasetJson);
        else
            WriteText(invocation.Io.Out, loaded);
        return ExitCode.Done;
    }

    private static IEnumerable<(string Name, ImageSet Images)> Splits(Dataset data) =>
        DataOptions.Splits.Select(split =>
        {
            (ImageSet images, int first, int count) = DatasetAccess.Split(data, split);
            return (split, images.Slice(first, count));
        });

    private static void WriteText(TextWriter writer, LoadedDataset loaded)
    {
        Dataset data = loaded.Data;
        TextTable.WritePairs(writer,
        [
            ("data set", data.Name),
            ("from", loaded.Source),
            ("images", $"{data.Training.SizeText}"),
            ("sha256", data.Sha256),
        ]);
        writer.WriteLine();
        (string Name, ImageSet Images)[] splits = [.. Splits(data)];
        int classes = splits.Max(split => split.Images.Classes);
        TextTable.Write(writer,
            ["split", "images", "non-zero", .. Enumerable.Range(0, classes).Select(label => label.ToString(CultureInfo.InvariantCulture))],
            [.. splits.Select(Cells)],
            firstNumber: 1);

        IReadOnlyList<string> Cells((string Name, ImageSet Images) split)
        {
            IEnumerable<string> counts = Histogram(split.Images, classes).Select(count => Format.Count(count));
            return [split.Name, Format.Count(split.Images.Count), Format.Percent(Density(split.Images)), .. counts];
        }
    }

    private static DatasetJson JsonOf(LoadedDataset loaded)
    {
        Dataset data = loaded.Data;
        ImageSet training = DatasetAccess.Images(data, data.Training);
        var splits = Splits(data).ToDictionary(
            split => split.Name,
            split => new DatasetJson.ImageSplit(
                split.Images.Count, Math.Round(Density(split.Images), 6), Histogram(split.Images, split.Images.Classes)));
        return new DatasetJson(
            data.Name, loaded.Source, data.Sha256, training.Height, training.Width, splits["train"], splits["validation"], splits["test"]);
    }

    private static double Density(ImageSet images) => images.Count == 0 ? 0 : images.NonZeroPixels / ((double)images.Count * images.Pixels);

    private static int[] Histogram(ImageSet images, int classes)
    {
        int[] counts = new int[classes];
        foreach (byte label in images.Labels)
            counts[label]++;
        return counts;
    }
}
