using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;

namespace Lockstep.Cli.Commands;

/// <summary><c>data fetch</c>: makes a data set available offline.</summary>
internal sealed class DataFetchCommand : CliCommand
{
    private readonly Argument<string> _name;

    public DataFetchCommand()
        : base("data fetch", "Download a data set into the cache")
    {
        _name = Take<string>("NAME", $"One of {string.Join(", ", DatasetCatalog.Names)}.", ArgumentArity.ExactlyOne);
        _name.CompletionSources.Add([.. DatasetCatalog.Names]);
        Take(OptionHeading.Data, DataOptions.DataDir, DataOptions.Offline);
        Take(OptionHeading.Output, OutputOptions.Progress);
    }

    public override string Heading => CommandHeading.Data;

    public override string Details =>
        "Makes a data set available offline: looks in --data-dir and the user's cache, and downloads what is missing.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("lockstep data fetch fashion-mnist", "now, rather than when a training starts")];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        string name = DatasetAccess.Name(invocation.Find(_name))!;
        await using RunDisplay display = RunDisplay.Create(invocation.Io, invocation.Settings);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(name, invocation.Settings, invocation.Io, display, CancellationToken.None);
        await display.DisposeAsync();
        invocation.Io.Out.WriteLine($"{loaded.Data.Name} is here: {loaded.Source}");
        return ExitCode.Done;
    }
}
