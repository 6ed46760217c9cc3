using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// Snapshots on their way to the disk: one with the checkpointer and one waiting, so at most two hold weights and optimizer state. A newer
/// snapshot replaces the waiting one.
/// </summary>
/// <param name="mailboxes">The checkpointer, and the mailbox for its answer.</param>
/// <param name="time">Measures how long a checkpoint takes.</param>
/// <param name="beforeSaving">Called before a snapshot is sent to the checkpointer.</param>
internal sealed class Snapshots(ParameterServerMailboxes mailboxes, TimeProvider time, Action beforeSaving)
{
    // What is skipped within a second is no loss: steps of small models take less time than a file.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    private readonly Stack<AlignedBuffer> _freeStates = [];
    private SaveSnapshot? _waiting;
    private bool _isSaving;
    private bool _mergedTold;
    private long _savingSince;

    /// <summary>Requests a snapshot of the state after a step.</summary>
    /// <param name="weights">The weights; held.</param>
    /// <param name="state">The optimizer state, which is copied; may be empty.</param>
    /// <param name="unreported">Statistics since the last row of metrics.</param>
    /// <param name="isFinal">Whether it is the last of the run, which none replaces.</param>
    public void Save(WeightsVersion weights, ReadOnlySpan<float> state, NodeStatistics unreported, bool isFinal)
    {
        if (_waiting is { } older)
        {
            if (!isFinal && !_mergedTold && time.GetElapsedTime(_savingSince) >= Long)
            {
                mailboxes.Coordinator.Tell(new SnapshotsMerged(older.Weights.Step));
                _mergedTold = true;
            }

            older.Weights.Release();
            Free(older.State);
        }

        _waiting = new SaveSnapshot(weights.Hold(), Copy(state), unreported, isFinal, mailboxes.Self);
        SendNext();
    }

    /// <summary>The checkpointer has finished one and returns its buffer.</summary>
    public void Saved(AlignedBuffer? state)
    {
        _isSaving = false;
        Free(state);
        SendNext();
    }

    private void SendNext()
    {
        if (_isSaving || _waiting is null)
            return;
        _isSaving = true;
        _savingSince = time.GetTimestamp();
        beforeSaving();
        mailboxes.Checkpointer.Tell(_waiting);
        _waiting = null;
    }

    private AlignedBuffer? Copy(ReadOnlySpan<float> state)
    {
        if (state.IsEmpty)
            return null;
        if (!_freeStates.TryPop(out AlignedBuffer? copy))
            copy = new AlignedBuffer(state.Length);
        state.CopyTo(copy.Span);
        return copy;
    }

    private void Free(AlignedBuffer? state)
    {
        if (state is not null)
            _freeStates.Push(state);
    }
}
