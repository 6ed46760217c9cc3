using System.CommandLine;
using Lockstep.Cli.Evaluation;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Data.Describing;

namespace Lockstep.Cli.Commands;

/// <summary><c>data info</c>: describes a data set.</summary>
internal sealed class DataInfoCommand : CliCommand
{
    private readonly Argument<string> _name;

    public DataInfoCommand()
        : base("data info", "Counts, shapes, classes and digest of a data set, and what is wrong with it")
    {
        _name = TakeDataset();
        Take(OptionHeading.Data, [DataOptions.DataDir, DataOptions.Offline, .. DataOptions.Preparing]);
        Take(OptionHeading.Output, [OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Data;

    public override string Details =>
        "Describes a data set before anyone trains on it: where it comes from, counts by class, shapes, digest; of your own files also "
        + "ranges, missing values, examples that occur in several parts, and columns that give the class away.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep data info", "what train would train on"),
        ("lockstep data info flowers.csv --label species", "a table of your own"),
        ("lockstep data info pictures/ --json", "a folder with a folder of pictures for each class"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string? name = DatasetAccess.Name(invocation.Find(_name));
        LoadedDataset? loaded = null;
        DataDescription? own = null;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            if (name is not null && Kinds.IsPath(name))
                own = await DatasetAccess.DescribeAsync(name, settings, io, display);
            else
                loaded = await DatasetAccess.LoadAsync(name, settings, io, display, CancellationToken.None);
        }

        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(
                io.Out, own is null ? DatasetJson.Of(loaded!) : DatasetJson.Of(own), ResultsContext.Default.DatasetJson);
        else if (own is null)
            DatasetText.Write(io.Out, loaded!);
        else
            DatasetText.Write(io.Out, own);
        return own?.Problem is null ? ExitCode.Done : ExitCode.BadInput;
    }
}
