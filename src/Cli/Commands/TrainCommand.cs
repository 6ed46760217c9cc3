using Lockstep.Cli.Configuration;

namespace Lockstep.Cli.Commands;

/// <summary><c>train</c>: coordinator in this process, workers in processes of their own on this machine.</summary>
internal static class TrainCommand
{
    public static Task<int> RunAsync(Invocation invocation) =>
        new TrainingCommand(invocation, (settings, common) => common with { Processes = (int)settings.Get(OptionTable.Workers) }).RunAsync();
}
