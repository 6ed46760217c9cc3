using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// Snapshots on their way to the disk: one with the checkpointer and one that waits for it, so that at most two hold weights and optimizer
/// state, whatever the disk does. One that falls due meanwhile takes the place of the one that waits.
/// </summary>
/// <param name="mailboxes">The checkpointer, and where it answers.</param>
/// <param name="beforeSaving">Called before a snapshot goes to the checkpointer.</param>
internal sealed class Snapshots(ParameterServerMailboxes mailboxes, Action beforeSaving)
{
    private readonly Stack<AlignedBuffer> _freeVelocities = [];
    private SaveSnapshot? _waiting;
    private bool _isSaving;
    private bool _mergedTold;

    /// <summary>Has the state after a step saved, sooner or later.</summary>
    /// <param name="weights">The weights; they are held.</param>
    /// <param name="velocity">The optimizer's state, which is copied; may be empty.</param>
    /// <param name="unreported">Statistics since the last line of metrics.</param>
    /// <param name="isFinal">The last one of the run: none takes its place.</param>
    public void Save(WeightsVersion weights, ReadOnlySpan<float> velocity, NodeStatistics unreported, bool isFinal)
    {
        if (_waiting is { } older)
        {
            if (!isFinal && !_mergedTold)
                mailboxes.Coordinator.Tell(new SnapshotsMerged(older.Weights.Step));
            _mergedTold |= !isFinal;
            older.Weights.Release();
            Free(older.Velocity);
        }

        _waiting = new SaveSnapshot(weights.Hold(), Copy(velocity), unreported, isFinal, mailboxes.Self);
        SendNext();
    }

    /// <summary>The checkpointer is done with one, and gives back its buffer.</summary>
    public void Saved(AlignedBuffer? velocity)
    {
        _isSaving = false;
        Free(velocity);
        SendNext();
    }

    private void SendNext()
    {
        if (_isSaving || _waiting is null)
            return;
        _isSaving = true;
        beforeSaving();
        mailboxes.Checkpointer.Tell(_waiting);
        _waiting = null;
    }

    private AlignedBuffer? Copy(ReadOnlySpan<float> velocity)
    {
        if (velocity.IsEmpty)
            return null;
        if (!_freeVelocities.TryPop(out AlignedBuffer? copy))
            copy = new AlignedBuffer(velocity.Length);
        velocity.CopyTo(copy.Span);
        return copy;
    }

    private void Free(AlignedBuffer? velocity)
    {
        if (velocity is not null)
            _freeVelocities.Push(velocity);
    }
}
