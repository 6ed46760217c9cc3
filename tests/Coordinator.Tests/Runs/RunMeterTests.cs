using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Reduction;
using Lockstep.Shared;

namespace Lockstep.Coordinator.Tests.Runs;

public sealed class RunMeterTests : IDisposable
{
    private readonly RunMeter _meter;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _sums = [];

    public RunMeterTests()
    {
        // Other tests of this process have meters of the same name: only the instruments that are made here are listened to.
        int thread = Environment.CurrentManagedThreadId;
        bool isMine = false;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (isMine && Environment.CurrentManagedThreadId == thread && instrument.Meter.Name == LockstepMeter.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        isMine = true;
        _meter = new RunMeter(new RunState(SmallRun.Options(), run: 77, term: 1), totalSteps: 10);
        isMine = false;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_OfARunThatHasNotBegun_AreThereAndZero() =>
        Assert.Equal(
            [
                "lockstep.checkpoints failed", "lockstep.checkpoints saved", "lockstep.examples", "lockstep.reissues late",
                "lockstep.reissues probe", "lockstep.reissues workers-changed", "lockstep.sliced_steps complete",
                "lockstep.sliced_steps given-up", "lockstep.steps", "lockstep.stragglers",
            ],
            _sums.Where(sum => sum.Value == 0).Select(sum => sum.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void Reissued_Nodes_AreCountedByReason()
    {
        _meter.Reissued(
            [new Reissue(new WorkerId(1), [new TreeNode(0, 1), new TreeNode(1, 1)]), new Reissue(new WorkerId(2), [new TreeNode(0, 4)])],
            ReissueReason.Late);
        _meter.Reissued([new Reissue(new WorkerId(1), [new TreeNode(0, 1)])], ReissueReason.Probe);
        _meter.Reissued([], ReissueReason.WorkersChanged);
        _meter.Late(2);

        Assert.Equal(
            (3, 1, 0, 2),
            (
                _sums["lockstep.reissues late"], _sums["lockstep.reissues probe"], _sums["lockstep.reissues workers-changed"],
                _sums["lockstep.stragglers"]));
    }

    [Fact]
    public void Gauges_OfWorkersAndCheckpoints_ShowWhatWasToldLast()
    {
        _listener.RecordObservableInstruments();
        Assert.DoesNotContain("lockstep.checkpoint.age", _sums.Keys);

        _meter.WorkersChanged(4, [Worker("a", 5), Worker("b", 3), Worker("c", 0)]);
        _meter.TrainingStarted();
        _meter.CheckpointSaved(7);
        _sums.Clear();
        _listener.RecordObservableInstruments();

        Assert.Equal(
            (2, 1, 1),
            (_sums["lockstep.workers training"], _sums["lockstep.workers standby"], _sums["lockstep.workers joining-or-leaving"]));
        Assert.Equal((5, 0), (_sums["lockstep.worker.shards a"], _sums["lockstep.worker.shards c"]));
        Assert.Equal(0.25, _sums["lockstep.worker.compute b"]);
        Assert.Equal(7, _sums["lockstep.checkpoint.step"]);
        Assert.True(_sums["lockstep.checkpoint.age"] >= 0);
    }

    [Fact]
    public void Lap_FromPhaseToPhase_MeasuresEachOnce()
    {
        long begun = _meter.Lap(StepPhase.Send, since: 0);
        Assert.DoesNotContain("lockstep.step send", _sums.Keys);
        long sent = _meter.Lap(StepPhase.Send, begun), complete = _meter.Lap(StepPhase.Gradients, sent),
        updated = _meter.Lap(StepPhase.Update, complete);

        Assert.Equal(
            Stopwatch.GetElapsedTime(begun, updated).TotalSeconds,
            _sums["lockstep.step send"] + _sums["lockstep.step gradients"] + _sums["lockstep.step update"],
            1e-6); // Each is rounded to 100 ns.
    }

    [Fact]
    public void Lap_WithoutAListener_ReadsNoClock()
    {
        _listener.Dispose();

        Assert.Equal(0, _meter.Lap(StepPhase.Send, since: 0));
    }

    [Fact]
    public void StepOfARun_Measured_AllocatesNothing()
    {
        _listener.Dispose();
        using var sum = new MeterListener();
        double total = 0;
        sum.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        sum.SetMeasurementEventCallback<long>((_, value, _, _) => total += value);
        sum.SetMeasurementEventCallback<double>((_, value, _, _) => total += value);
        sum.Start();
        IReadOnlyList<Reissue> none = [];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 1; step <= 1000; step++)
            {
                long at = _meter.Lap(StepPhase.Send, _meter.Lap(StepPhase.Send, since: 0));
                _ = _meter.Lap(StepPhase.Update, _meter.Lap(StepPhase.Gradients, at));
                _meter.StepCompleted(step, 128);
                _meter.Reissued(none, ReissueReason.Late);
                _meter.Late(0);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.True(total > 0);
        Assert.Equal(0, allocated);
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = tags.Length == 1 ? $"{instrument.Name} {tags[0].Value}" : instrument.Name;
        _sums[name] = _sums.GetValueOrDefault(name) + value;
    }

    private static WorkerProgress Worker(string name, int shards) => new(name, 1, 1, shards, 250, 0, 0);
}
