using System.CommandLine;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;

namespace Lockstep.Cli.Commands;

/// <summary><c>data show</c>: a picture of many images.</summary>
internal sealed class DataShowCommand : CliCommand
{
    private static readonly CliOption<int> Count = new("--count", ValueKind.Integer(1, 500))
    {
        Placeholder = "N", Default = "20", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "How many images of each class, from the first on.",
    };

    private static readonly CliOption<string> SheetFile = new("--out", ValueKind.Path)
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
        Take(OptionHeading.Output, [SheetFile, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Data;

    public override string Details =>
        "Writes a contact sheet of images, or histograms of the columns of a table by class, so that a person can look at the data.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("lockstep data show synthetic --split train --out digits.png", "twenty training images of each class")];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        Settings settings = invocation.Settings;
        LoadedDataset loaded;
        await using (RunDisplay display = RunDisplay.Create(invocation.Io, settings))
            loaded = await DatasetAccess.LoadAsync(
                DatasetAccess.Name(invocation.Find(_name)), settings, invocation.Io, display, CancellationToken.None);
        string split = settings.Get(DataOptions.Split);
        (Examples all, int first, int count) = DatasetAccess.Split(loaded.Data, split);
        string file = settings.Find(SheetFile) ?? $"{loaded.Data.Name}-{split}.png";
        if (all.Slice(first, count) is ImageSet images)
            ContactSheet.Write(images, file, settings.Get(Count), loaded.Data.ToSpec().ClassName);
        else
            ColumnHistograms.Write(loaded.Data, (FeatureSet)all.Slice(first, count), file);
        invocation.Io.Out.WriteLine($"{split} {all.KindName} of {loaded.Data.Name}: {file}");
        return ExitCode.Done;
    }
}
