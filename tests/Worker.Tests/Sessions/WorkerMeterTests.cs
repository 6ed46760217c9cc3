using System.Diagnostics.Metrics;
using Lockstep.Shared;
using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Tests.Sessions;

public sealed class WorkerMeterTests : IDisposable
{
    private readonly WorkerStatus _status = new();
    private readonly WorkerMeter _meter;
    private readonly MeterListener _listener = new();
    private readonly List<string> _phases = [];
    private readonly Dictionary<string, long> _counts = [];

    public WorkerMeterTests()
    {
        // Other tests of this process have meters of the same name: only the instruments that are made here are listened to.
        int thread = Environment.CurrentManagedThreadId;
        bool isMine = false;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (isMine && Environment.CurrentManagedThreadId == thread && instrument.Meter.Name == LockstepMeter.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>(
            (_, value, tags, _) => _phases.Add($"{tags[0].Value}{(value >= 0 ? "" : " below zero")}"));
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) => _counts[instrument.Name] = _counts.GetValueOrDefault(instrument.Name) + value);
        _listener.Start();
        isMine = true;
        _meter = new WorkerMeter(_status, lanes: 2);
        isMine = false;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void StepBegun_AfterAStepWithGradients_MeasuresItsPhases()
    {
        _meter.StepBegun(4);
        _meter.NodeComputed(16);
        _meter.NodeComputed(15);
        Assert.Empty(_phases);
        _meter.StepBegun(5);
        Assert.Equal(["compute", "wait"], _phases);
        _meter.StepBegun(6); // Nothing was computed.
        Assert.Equal(2, _phases.Count);

        Assert.Equal(
            (3, 2, 31), (_counts["lockstep.worker.steps"], _counts["lockstep.worker.gradients"], _counts["lockstep.worker.examples"]));
        Assert.Equal(6, _status.Step);
    }

    [Fact]
    public void Left_RunOfBefore_LeavesTheNewOneJoined()
    {
        JoinedRun first = new("00000000000004d2", 1), second = new("00000000000004d2", 2);
        _meter.Joined(first);
        Assert.Equal(first, _status.Run);
        _meter.Joined(second);
        _meter.Left(first);
        Assert.Equal(second, _status.Run);
        _meter.Left(second);
        Assert.Null(_status.Run);
        Assert.Equal(2, _counts["lockstep.worker.joins"]);
    }

    [Fact]
    public void StepBegun_OverAndOver_AllocatesNothing()
    {
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            _phases.Clear();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < 1000; step++)
                _meter.StepBegun(step);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
