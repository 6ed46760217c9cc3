using System.Net;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Cli.Commands;

/// <summary><c>train</c>: coordinator in this process, workers in processes of their own on this machine.</summary>
internal static class TrainCommand
{
    public static Task<int> RunAsync(Invocation invocation) => new TrainingSession(invocation, Plan).RunAsync();

    private static ClusterPlan Plan(Settings settings)
    {
        int workers = (int)settings.Get(OptionTable.Workers);
        int lanes = settings.Text(OptionTable.Lanes) is null ? Math.Max(1, Processors.Usable / workers) : (int)settings.Get(OptionTable.Lanes);
        return new ClusterPlan(
            new IPEndPoint(IPAddress.Loopback, 0), [.. Enumerable.Range(0, workers).Select(_ => WorkerLaunch.Local(lanes))], MinWorkers: 0);
    }
}
