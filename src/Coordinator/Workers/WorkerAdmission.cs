using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Workers;

/// <summary>How far a worker is. What it holds at each stage it can have only there: no worker computes without a stream, and no token outlives its use.</summary>
internal abstract record Admission
{
    /// <summary>It may open its stream.</summary>
    /// <param name="Offer">With a token that was not used yet.</param>
    /// <param name="HeldData">Digest of the examples that it has already; empty for none.</param>
    public sealed record Offered(RunOffered Offer, string HeldData) : Admission;

    /// <summary>Its stream is open: it gets run spec and data.</summary>
    public sealed record Linked(WorkerLink Link) : Admission;

    /// <summary>It computes, and stays.</summary>
    public sealed record Ready(WorkerLink Link) : Admission;

    /// <summary>It answers what it was asked, and leaves.</summary>
    public sealed record Leaving(WorkerLink Link, string Reason) : Admission;
}

/// <summary>A worker as the coordinator knows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">HOST:PORT of its node, for people.</param>
/// <param name="Node">Its unique address in the cluster: another one for each incarnation.</param>
/// <param name="Attempt">Which of its sessions this is, as it counts them.</param>
/// <param name="Process">Process id on its machine; of one that was started by ssh, that of the ssh.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="State">How far it is.</param>
internal sealed record Member(WorkerId Id, string Name, string Node, int Attempt, int Process, int Lanes, Admission State)
{
    /// <summary>Whether it computes, and stays.</summary>
    public bool IsReady => State is Admission.Ready;

    /// <summary>Why it is about to leave; null while it stays.</summary>
    public string? Leaving => (State as Admission.Leaving)?.Reason;

    /// <summary>Its stream, once it is open.</summary>
    public WorkerLink? Link => State switch
    {
        Admission.Linked linked => linked.Link,
        Admission.Ready ready => ready.Link,
        Admission.Leaving leaving => leaving.Link,
        _ => null,
    };
}

/// <summary>
/// The one owner of all that a worker has with the coordinator: its membership, offer, token and stream. Whoever is removed loses all of them.
/// Without actors, threads or clocks.
/// </summary>
/// <param name="tokens">The tokens that the listener accepts.</param>
internal sealed class WorkerAdmission(StreamTokens tokens)
{
    private readonly SortedDictionary<int, Member> _members = [];
    private int _lastId;

    /// <summary>All members, in the order of joining.</summary>
    public IReadOnlyCollection<Member> Members => _members.Values;

    /// <summary>Members that compute, in the order of joining.</summary>
    public IReadOnlyList<Member> Ready => [.. _members.Values.Where(member => member.IsReady)];

    /// <summary>Whom the steps are divided among: ready members, and those that still answer before they leave.</summary>
    public IReadOnlyList<StepWorker> StepWorkers =>
        [.. _members.Values.Where(member => member.IsReady || member.Leaving is not null).Select(member => new StepWorker(member.Id, member.Lanes, member.Leaving is not null))];

    /// <summary>Streams of all members that have one.</summary>
    public Dictionary<WorkerId, WorkerLink> Links =>
        _members.Values.Where(member => member.Link is not null).ToDictionary(member => member.Id, member => member.Link!);

    /// <summary>
    /// The member that a worker which asks to join shows to be dead: one at its address that is another process, or an earlier session of its own. It is
    /// to be removed like any that is lost.
    /// </summary>
    public Member? FindDead(string name, string node, int attempt) =>
        _members.Values.FirstOrDefault(member => member.Name == name && (member.Node != node || member.Attempt < attempt));

    /// <summary>
    /// A worker asks to join. One that asks again, because the first answer was slow, gets the same answer: a new token would make the first one void.
    /// </summary>
    /// <param name="name">HOST:PORT of its node.</param>
    /// <param name="node">Its unique address.</param>
    /// <param name="attempt">Which of its sessions it is.</param>
    /// <param name="worker">What it says of itself.</param>
    /// <param name="offer">The offer around a token.</param>
    /// <returns>The offer; null where its stream is open already, so that this is a question that was overtaken.</returns>
    public RunOffered? Ask(string name, string node, int attempt, WorkerInfo worker, Func<byte[], RunOffered> offer)
    {
        if (FindByNode(node) is { } known)
            return (known.State as Admission.Offered)?.Offer;
        var offered = new Admission.Offered(offer(tokens.Issue(node)), worker.HeldData);
        _members.Add(++_lastId, new Member(new WorkerId(_lastId), name, node, attempt, worker.ProcessId, worker.Lanes, offered));
        return offered.Offer;
    }

    /// <summary>A worker has used its token. Null, and nothing changes, where it may not: it was removed meanwhile.</summary>
    /// <param name="node">Its unique address.</param>
    /// <param name="open">Takes its stream over.</param>
    public Member? Link(string node, Func<Member, string, WorkerLink> open)
    {
        if (FindByNode(node) is not { State: Admission.Offered offered } member)
            return null;
        return _members[member.Id.Value] = member with { State = new Admission.Linked(open(member, offered.HeldData)) };
    }

    /// <summary>A member has spec, data and the right numerics. Null when it is gone, or did not just get them.</summary>
    public Member? MarkReady(WorkerId id)
    {
        if (Find(id) is not { State: Admission.Linked linked } member)
            return null;
        return _members[id.Value] = member with { State = new Admission.Ready(linked.Link) };
    }

    /// <summary>A ready member wants to leave: it takes no part any more. Null when it was none, or leaves already.</summary>
    public Member? MarkLeaving(WorkerId id, string reason)
    {
        if (Find(id) is not { State: Admission.Ready ready } member)
            return null;
        return _members[id.Value] = member with { State = new Admission.Leaving(ready.Link, reason) };
    }

    /// <summary>The member with this number, if it is still one.</summary>
    public Member? Find(WorkerId id) => _members.GetValueOrDefault(id.Value);

    /// <summary>The member at this node, if there is one.</summary>
    public Member? FindByNode(string node) => _members.Values.FirstOrDefault(member => member.Node == node);

    /// <summary>A worker is gone, and its token with it; its stream, if it has one, is the caller's to end. Null when it was no member (any more).</summary>
    public Member? Remove(WorkerId id)
    {
        if (!_members.Remove(id.Value, out Member? member))
            return null;
        tokens.Revoke(member.Node);
        return member;
    }
}
