using Lockstep.Coordinator.Runs;

namespace Lockstep.Cli.Tests.Terminal;

/// <summary>The events of a run in which a worker is lost.</summary>
internal static class RecordedRun
{
    public static IReadOnlyList<RunEvent> Events { get; } =
    [
        new RunEvent.Listening("127.0.0.1:4053", "127.0.0.1:4054"),
        new RunEvent.Leading("00000000000004d2", 2, 0),
        new RunEvent.WaitingForWorkers(0, 2, TimeSpan.FromSeconds(60)),
        new RunEvent.WorkerReady(Worker("127.0.0.1:5001", 0)),
        new RunEvent.WorkerReady(Worker("127.0.0.1:5002", 0)),
        new RunEvent.TrainingStarted(0, 2, 3),
        new RunEvent.Progress(25, 1.25, 0.5, 40_000, [Worker("127.0.0.1:5001", 20_000_000), Worker("127.0.0.1:5002", 19_000_000)]),
        new RunEvent.MetricsRecorded(new MetricsRow(50, 1, 0.5, 0.85, 0.25, 0.925, 0.1, 41_234, 2.5)),
        new RunEvent.CheckpointSaved("run/checkpoints/step-000000050.ckpt", 50),
        new RunEvent.WorkerLost("127.0.0.1:5002", "its process ended with exit code 137"),
        new RunEvent.Warning("the disk is nearly full"),
        new RunEvent.Progress(75, 0.75, 0.75, 30_000, [Worker("127.0.0.1:5001", 40_000_000)]),
        new RunEvent.MetricsRecorded(new MetricsRow(100, 2, double.NaN, 0.1, double.PositiveInfinity, 0.1, 0.1, 41_234, 65)),
    ];

    private static WorkerProgress Worker(string name, long bytes) => new(name, 1, 1, 2, 1.5, bytes, bytes / 2);
}
