using System.CommandLine;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Commands;

/// <summary><c>data show</c>: a picture of many images.</summary>
internal sealed class DataShowCommand : CliCommand
{
    private static readonly CliOption<int> Count = new("--count", ValueKind.Integer(1, 500))
    {
        Placeholder = "N", Default = "20", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "How many images of each class, from the first on; with --augment, how often the first one.",
    };

    private static readonly CliOption<string> SheetFile = new("--out", ValueKind.FileOf("PNG", ".png"))
    {
        Placeholder = "FILE.png", IsPerInvocation = true, IsCommandLineOnly = true,
        DefaultNote = "<name>-<split>.png",
        Elsewhere = ["--output", "-o"],
        Help = "Where to write the picture.",
    };

    private readonly Argument<string> _name;

    public DataShowCommand()
        : base("data show", "Draw examples of a data set into a PNG")
    {
        _name = TakeDataset();
        Take(OptionHeading.Data, [DataOptions.DataDir, DataOptions.Offline, DataOptions.Split, Count, .. DataOptions.Preparing]);
        Take(OptionHeading.Training, [TrainingOptions.Augment, TrainingOptions.Seed]);
        Take(OptionHeading.Output, [SheetFile, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Data;

    public override string Details =>
        "Writes a contact sheet of images, or histograms of the columns of a table by class, so that a person can look at the data. "
        + "With --augment, a row has the first training image of a class, as it is, and then as training with the same --seed sees it in "
        + "the first, second, ... epoch.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep data show synthetic --split train --out digits.png", "twenty training images of each class"),
        ("lockstep data show synthetic --augment shift:2,rotate:10 --out augmented.png", "what training makes of one image of each class"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        Settings settings = invocation.Settings;
        LoadedDataset loaded;
        await using (RunDisplay display = RunDisplay.Create(invocation.Io, settings))
            loaded = await DatasetAccess.LoadAsync(
                DatasetAccess.Name(invocation.Find(_name)), settings, invocation.Io, display, CancellationToken.None);
        AugmentationSpec? augmentation = settings.Find(TrainingOptions.Augment);
        string split = settings.IsGiven(DataOptions.Split) || augmentation is null ? settings.Get(DataOptions.Split) : "train";
        if (augmentation is not null && (split != "train" ? "only training images are augmented; leave --split out."
            : augmentation.ProblemWith(loaded.Data.Training.Shape)) is { } problem)
            throw new RequestException(TrainingOptions.Augment.Mistake($"{TrainingOptions.Augment.Name} {augmentation}", problem));
        (Examples all, int first, int count) = DatasetAccess.Split(loaded.Data, split);
        string file = settings.Find(SheetFile) ?? $"{loaded.Data.Name}-{split}.png";
        if (all.Slice(first, count) is ImageSet images)
        {
            if (augmentation is not null)
                images = AugmentedVersions.Of(images, augmentation, settings.Get(TrainingOptions.Seed), settings.Get(Count));
            ContactSheet.Write(images, file, settings.Get(Count), loaded.Data.ToSpec().ClassName);
        }
        else
            ColumnHistograms.Write(loaded.Data, (FeatureSet)all.Slice(first, count), file);
        invocation.Io.Out.WriteLine($"{split} {all.KindName} of {loaded.Data.Name}: {file}");
        return ExitCode.Done;
    }
}
