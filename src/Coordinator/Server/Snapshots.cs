using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// Snapshots on their way to the disk: one with the checkpointer and one waiting, and one that is to be kept as the best, so at most three
/// hold weights and optimizer state. A newer snapshot replaces the waiting one.
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
    private SaveSnapshot? _waitingBest;
    private bool _isSaving;
    private bool _mergedTold;
    private long _savingSince;

    /// <summary>Requests a snapshot of the state after a step.</summary>
    /// <param name="weights">The weights; held.</param>
    /// <param name="state">The optimizer state, which is copied; may be empty.</param>
    /// <param name="unreported">Statistics since the last row of metrics.</param>
    /// <param name="stopping">What the rule that ends the run early remembers.</param>
    /// <param name="isFinal">Whether it is the last of the run, which none replaces.</param>
    public void Save(WeightsVersion weights, ReadOnlySpan<float> state, NodeStatistics unreported, StopState stopping, bool isFinal)
    {
        if (_waiting is { } older)
        {
            if (!isFinal && !_mergedTold && time.GetElapsedTime(_savingSince) >= Long)
            {
                mailboxes.Coordinator.Tell(new SnapshotsMerged(older.Weights.Step));
                _mergedTold = true;
            }

            Discard(older);
        }

        _waiting = new SaveSnapshot(weights.Hold(), Copy(state), unreported, isFinal, mailboxes.Self) { Stopping = stopping };
        SendNext();
    }

    /// <summary>
    /// Requests that the state after a step, the best so far, is kept. It replaces one that waits, and is saved before any of
    /// <see cref="Save"/>: a run that continues from a checkpoint finds all that was the best up to its step.
    /// </summary>
    /// <param name="weights">The weights; held.</param>
    /// <param name="state">The optimizer state, which is copied; may be empty.</param>
    /// <param name="unreported">Statistics since the last row of metrics.</param>
    /// <param name="stopping">What the rule that ends the run early remembers.</param>
    public void SaveBest(WeightsVersion weights, ReadOnlySpan<float> state, NodeStatistics unreported, StopState stopping)
    {
        if (_waitingBest is { } older)
            Discard(older);
        _waitingBest = new SaveSnapshot(weights.Hold(), Copy(state), unreported, IsFinal: false, mailboxes.Self)
        {
            Stopping = stopping,
            IsBest = true,
        };
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
        if (_isSaving || (_waitingBest ?? _waiting) is not { } next)
            return;
        _isSaving = true;
        _savingSince = time.GetTimestamp();
        beforeSaving();
        mailboxes.Checkpointer.Tell(next);
        if (next.IsBest)
            _waitingBest = null;
        else
            _waiting = null;
    }

    private void Discard(SaveSnapshot snapshot)
    {
        snapshot.Weights.Release();
        Free(snapshot.State);
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
