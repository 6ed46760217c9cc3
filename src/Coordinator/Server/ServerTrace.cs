using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Training;

namespace Lockstep.Coordinator.Server;

/// <summary>The hash of each step's weights on its way to the checkpointer; nothing for a run without a trace.</summary>
/// <param name="options">Whether there is a trace.</param>
/// <param name="state">The run.</param>
/// <param name="mailboxes">The checkpointer, and the mailbox for its answer.</param>
internal sealed class ServerTrace(TrainingOptions options, RunState state, ParameterServerMailboxes mailboxes)
{
    private TraceBatches? _batches;

    /// <summary>Begins the trace with the weights before the first step.</summary>
    public void Begin(ReadOnlySpan<float> weights)
    {
        if (options.TraceFile is null)
            return;
        _batches = new TraceBatches();
        mailboxes.Checkpointer.Tell(new BeginTrace(new TraceStart(state.FirstStep, WeightsHash.Of(weights), HashTrained(weights))));
    }

    /// <summary>Adds a step. Ends the trace if the disk has been busy for too long.</summary>
    /// <param name="step">Completed steps.</param>
    /// <param name="weights">The weights after them.</param>
    public void Add(long step, ReadOnlySpan<float> weights)
    {
        if (_batches is null)
            return;
        var traced = new TracedStep(step, HashTrained(weights));
        if (_batches.TryAdd(traced))
            return;
        HandOver();
        if (_batches.TryAdd(traced))
            return;
        mailboxes.Coordinator.Tell(
            new TraceTroubled($"The trace {options.TraceFile} ends before step {step:N0}: the disk has been busy for too long."));
        _batches = null;
    }

    /// <summary>Sends the steps so far to the checkpointer.</summary>
    /// <param name="unlessBusy">Whether they wait while it has others.</param>
    public void HandOver(bool unlessBusy = false)
    {
        if (_batches?.Take(unlessBusy) is { } batch)
            mailboxes.Checkpointer.Tell(new AppendTrace(batch, mailboxes.Self));
    }

    /// <summary>The checkpointer has written a batch and returns it.</summary>
    public void Return(List<TracedStep> batch) => _batches?.Return(batch);

    private Hash128 HashTrained(ReadOnlySpan<float> weights) => WeightsHash.Of(weights[..state.Layout.TrainableLength]);
}
