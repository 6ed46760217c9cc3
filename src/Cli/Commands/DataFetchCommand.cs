using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;

namespace Lockstep.Cli.Commands;

/// <summary><c>data fetch</c>: makes a data set available offline.</summary>
internal static class DataFetchCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        string name = DatasetAccess.Name(invocation.Argument)!;
        await using RunDisplay display = RunDisplay.Create(invocation.Io, invocation.Settings);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(name, invocation.Settings, invocation.Io, display, CancellationToken.None);
        await display.DisposeAsync();
        invocation.Io.Out.WriteLine($"{loaded.Data.Name} is here: {loaded.Source}");
        return ExitCode.Done;
    }
}
