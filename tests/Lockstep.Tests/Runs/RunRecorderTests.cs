using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Tests.Runs;

public sealed class RunRecorderTests : IDisposable
{
    private static readonly RunSpec Spec = new Trainer(Models.Parse("64-16-4"), SmallData.Data, SmallData.Options).Run;

    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Report_EventsOfARun_AreRecordedWithTimeKindAndText()
    {
        string path = _temporary.File("run");
        Record(path,
            new RunEvent.Leading("00000000000000aa", 1, FirstStep: 0),
            new RunEvent.WaitingForWorkers(0, 1, TimeSpan.FromSeconds(60)),
            new RunEvent.WorkerReady(new WorkerProgress("127.0.0.1:5001", 1, 1, 4, 0, 0, 0)),
            new RunEvent.TrainingStarted(0, 1, 1),
            new RunEvent.WorkerLost("127.0.0.1:5001", "its stream ended"),
            new RunEvent.WorkerProcessEnded("127.0.0.1:5001", "process 1", "ended with exit code 137"),
            new RunEvent.Warning("the disk is nearly full"),
            new RunEvent.WorkerRefused("127.0.0.1:5003", "other numerics"),
            new RunEvent.CheckpointFailed(50, "The disk is full."));

        JsonElement[] lines = [.. File.ReadAllLines(RunFolder.EventsFileOf(path)).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            ["waitingForWorkers", "workerReady", "trainingStarted", "workerLost", "workerProcessEnded", "warning", "workerRefused", "checkpointFailed", "ended"],
            lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.All(lines, line => Assert.True(line.GetProperty("time").TryGetDateTimeOffset(out _)));
        string[] texts = [.. lines.Select(line => line.GetProperty("text").GetString()!)];
        Assert.Contains("its stream ended", texts[3]);
        Assert.Equal("the disk is nearly full", texts[5]);
        Assert.Contains("step 50: The disk is full.", texts[7]);
        Assert.Equal("failed after 1 step: No.", texts[8]);
    }

    [Fact]
    public void End_Failure_SaysWhatBecameOfEveryWorkerAndHowToGoOn()
    {
        string path = _temporary.File("run");
        Record(path,
            new RunEvent.WorkerLost("127.0.0.1:5001", "its stream ended"),
            new RunEvent.WorkerProcessEnded("127.0.0.1:5001", "process 1", "ended with exit code 137"));

        using JsonDocument failure = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "failure.json")));
        JsonElement lost = Assert.Single(failure.RootElement.GetProperty("workersLost").EnumerateArray());
        Assert.Equal(
            ("its stream ended", "ended with exit code 137"),
            (lost.GetProperty("reason").GetString(), lost.GetProperty("process").GetString()));
        Assert.Contains("No. Nothing is saved", failure.RootElement.GetProperty("whatToDo").GetString());
    }

    [Fact]
    public void Open_FileOfAnEarlierPart_GoesOn()
    {
        for (int part = 0; part < 2; part++)
        {
            using var events = EventsFile.Open(_temporary.File("events.jsonl"), TimeProvider.System);
            events.Append("workerReady", $"part {part}");
        }

        Assert.Equal(2, File.ReadAllLines(_temporary.File("events.jsonl")).Length);
    }

    private static void Record(string path, params RunEvent[] happened)
    {
        using var folder = RunFolder.Create(path);
        using var recorder = new RunRecorder(folder, Spec, NullLoggerFactory.Instance, _ => { });
        foreach (RunEvent value in happened)
            recorder.Report(value);
        var result = new RunResult { Outcome = RunOutcome.Failed, Message = "No.", Steps = 1, WeightsSha256 = "", TrainSeconds = 0, Examples = 0, Workers = 0, Lanes = 0 };
        recorder.End(new RunSummary(Spec, result, 1, path, "lockstep train --resume run"));
    }
}
