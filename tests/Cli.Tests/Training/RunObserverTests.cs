using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Tests.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Coordinator.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Cli.Tests.Training;

public sealed class RunObserverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Report_EventsOfARun_AreRecordedWithTimeKindAndText()
    {
        var clock = new FixedClock();
        using (var folder = RunFolder.Create(_folder.File("run")))
        using (var events = EventsFile.Open(_folder.File("events.jsonl"), clock))
        {
            using var observer = new RunObserver(Samples.Spec, isOpen: false, new RunStanding(2, 2), new PlainDisplay(new TextMessages(TextWriter.Null), quiet: true), folder, events, NullLogger.Instance);
            foreach (RunEvent happened in RecordedRun.Events)
                observer.Report(happened);
            observer.Report(new RunEvent.WorkerRefused("127.0.0.1:5003", "other numerics"));
            observer.Report(new RunEvent.CheckpointFailed(50, "The disk is full."));
            observer.Ended(new RunResult
            {
                Outcome = RunOutcome.Failed, Message = "No.", Steps = 1, WeightsSha256 = "", TrainSeconds = 0, Examples = 0, Workers = 0, Lanes = 0,
            });
        }

        JsonElement[] lines = [.. File.ReadAllLines(_folder.File("events.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            ["waitingForWorkers", "workerReady", "workerReady", "trainingStarted", "workerLost", "warning", "workerRefused", "checkpointFailed", "ended"],
            lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.All(lines, line => Assert.Equal(clock.GetUtcNow(), line.GetProperty("time").GetDateTimeOffset()));
        string[] texts = [.. lines.Select(line => line.GetProperty("text").GetString()!)];
        Assert.Contains("its process ended with exit code 137", texts[4]);
        Assert.Equal("the disk is nearly full", texts[5]);
        Assert.Contains("step 50: The disk is full.", texts[7]);
        Assert.Equal("failed after 1 step: No.", texts[8]);
    }

    [Fact]
    public void Open_FileOfAnEarlierPart_GoesOn()
    {
        for (int part = 0; part < 2; part++)
        {
            using var events = EventsFile.Open(_folder.File("events.jsonl"), TimeProvider.System);
            events.Append("workerReady", $"part {part}");
        }

        Assert.Equal(2, File.ReadAllLines(_folder.File("events.jsonl")).Length);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    }
}
