using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Leading;

namespace Lockstep.Simulation.Tests.Shells;

/// <summary>A worker as the coordinator knows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">HOST:PORT of its node, for people.</param>
/// <param name="Node">Its unique address in the cluster: another one for each incarnation.</param>
/// <param name="Process">Process id on its machine; of one that was started by ssh, that of the ssh.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="IsReady">Whether it computes, and stays.</param>
/// <param name="Leaving">Why it is about to leave; null while it stays.</param>
internal sealed record Member(WorkerId Id, string Name, string Node, int Process, int Lanes, bool IsReady, string? Leaving = null);

/// <summary>
/// The decisions of the coordinator: who takes part, when training starts, and when waiting has no use any more.
/// Without actors, sockets or clocks: times are given by the caller, from a clock that nobody sets, so that a wall clock that jumps ends no run.
/// </summary>
internal sealed class RunDecisions(int minWorkers, TimeSpan workerTimeout, TimeSpan now)
{
    private readonly SortedDictionary<int, Member> _members = [];
    private int _lastId;
    private int _needed = minWorkers;
    private TimeSpan _waitingSince = now;

    /// <summary>Where the run is.</summary>
    public RunPhase Phase { get; private set; } = RunPhase.Gathering;

    /// <summary>Ready workers that the start waits for.</summary>
    public int Needed => _needed;

    /// <summary>All members, in the order of joining.</summary>
    public IReadOnlyCollection<Member> Members => _members.Values;

    /// <summary>Members that compute, in the order of joining.</summary>
    public IReadOnlyList<Member> Ready => [.. _members.Values.Where(member => member.IsReady)];

    /// <summary>Whom the steps are divided among: ready members, and those that still answer before they leave.</summary>
    public IReadOnlyList<StepWorker> StepWorkers =>
        [.. _members.Values.Where(member => member.IsReady || member.Leaving is not null).Select(member => new StepWorker(member.Id, member.Lanes, member.Leaving is not null))];

    /// <summary>The member that a worker at this node shows to be dead: an older one at the same address. It is to be removed like any that is lost.</summary>
    public Member? Predecessor(string name, string node) => _members.Values.FirstOrDefault(member => member.Name == name && member.Node != node);

    /// <summary>A worker asks to join and is let in. One that asks again is the member it was.</summary>
    public Member Join(string name, string node, int process, int lanes)
    {
        if (FindByNode(node) is { } known)
            return known;
        var joined = new Member(new WorkerId(++_lastId), name, node, process, lanes, IsReady: false);
        _members.Add(_lastId, joined);
        return joined;
    }

    /// <summary>A member has spec, data and the right numerics. Null when it is gone already.</summary>
    public Member? MarkReady(WorkerId id)
    {
        if (!_members.TryGetValue(id.Value, out Member? member))
            return null;
        return _members[id.Value] = member with { IsReady = true };
    }

    /// <summary>A ready member wants to leave: it takes no part any more. Null when it was none, or leaves already.</summary>
    public Member? MarkLeaving(WorkerId id, string reason, TimeSpan now)
    {
        if (!_members.TryGetValue(id.Value, out Member? member) || !member.IsReady)
            return null;
        _members[id.Value] = member with { IsReady = false, Leaving = reason };
        WaitIfNobodyIsLeft(now);
        return _members[id.Value];
    }

    /// <summary>The member with this number, if it is still one.</summary>
    public Member? Find(WorkerId id) => _members.GetValueOrDefault(id.Value);

    /// <summary>The member at this node, if there is one.</summary>
    public Member? FindByNode(string node) => _members.Values.FirstOrDefault(member => member.Node == node);

    /// <summary>A worker is gone. Null when it was no member (any more).</summary>
    public Member? Remove(WorkerId id, TimeSpan now)
    {
        if (!_members.Remove(id.Value, out Member? member))
            return null;
        if (member.IsReady)
            WaitIfNobodyIsLeft(now);
        return member;
    }

    private void WaitIfNobodyIsLeft(TimeSpan now)
    {
        if (Phase == RunPhase.Training && Ready.Count == 0)
            _waitingSince = now;
    }

    /// <summary>A worker that was counted on will never come: the start waits for one less, but for at least one.</summary>
    public void ExpectOneLess() => _needed = Math.Max(1, _needed - 1);

    /// <summary>A worker is known to be on its way: the waiting begins anew.</summary>
    public void Await(TimeSpan now)
    {
        if (Phase == RunPhase.Gathering)
            _waitingSince = now;
    }

    /// <summary>Whether training starts now; if so, it has started.</summary>
    public bool TryStart()
    {
        if (Phase != RunPhase.Gathering || Ready.Count < _needed)
            return false;
        Phase = RunPhase.Training;
        return true;
    }

    /// <summary>The last step is done, or the run was stopped.</summary>
    public void End() => Phase = RunPhase.Ending;

    /// <summary>Why the run cannot go on for want of workers, or null while waiting makes sense.</summary>
    public string? GiveUp(TimeSpan now)
    {
        bool lacking = Phase switch
        {
            RunPhase.Gathering => true,
            RunPhase.Training => Ready.Count == 0,
            _ => false,
        };
        if (!lacking || now - _waitingSince < workerTimeout)
            return null;
        return Phase == RunPhase.Gathering
            ? $"The cluster did not form: {Ready.Count} of {_needed} workers were ready after {workerTimeout.TotalSeconds:0} s."
            : $"All workers are lost, and no other came within {workerTimeout.TotalSeconds:0} s.";
    }
}
