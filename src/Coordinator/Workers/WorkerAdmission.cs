using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Links;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Workers;

/// <summary>
/// State of a worker's admission. Each state holds only what is valid in it: no worker computes without a stream, and no token outlives its
/// use.
/// </summary>
internal abstract record Admission
{
    /// <summary>It may open its stream.</summary>
    /// <param name="Offer">Contains a token that was not used yet.</param>
    /// <param name="HeldData">Digest of the examples that it has already; empty for none.</param>
    public sealed record Offered(RunOffered Offer, string HeldData) : Admission;

    /// <summary>Its stream is open; it receives run spec and data.</summary>
    public sealed record Linked(WorkerLink Link) : Admission;

    /// <summary>It computes.</summary>
    public sealed record Ready(WorkerLink Link) : Admission;

    /// <summary>It answers earlier requests, then leaves.</summary>
    public sealed record Leaving(WorkerLink Link, string Reason) : Admission;
}

/// <summary>A worker as the coordinator knows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">HOST:PORT of its node, for messages.</param>
/// <param name="Node">Its unique address in the cluster, new for each incarnation.</param>
/// <param name="Attempt">Number of its session, as the worker counts them.</param>
/// <param name="Process">Process id on its machine; for a worker started by ssh, that of the ssh.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="State">State of its admission.</param>
internal sealed record Member(WorkerId Id, string Name, string Node, int Attempt, int Process, int Lanes, Admission State)
{
    /// <summary>Whether it is the worker in this process.</summary>
    public bool IsOwn => Node == OwnWorker.Name;

    /// <summary>Whether it computes and is not leaving.</summary>
    public bool IsReady => State is Admission.Ready;

    /// <summary>Why it is leaving; null if it stays.</summary>
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
/// The only owner of everything a worker has with the coordinator: membership, offer, token and stream. Removal ends all of them. Has no
/// actors, threads or clocks.
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

    /// <summary>Participants of the steps: ready members, and leaving ones that still answer.</summary>
    public IReadOnlyList<StepWorker> StepWorkers =>
    [
        .. _members.Values.Where(member => member.IsReady || member.Leaving is not null).Select(
            member => new StepWorker(member.Id, member.Lanes, member.Leaving is not null)),
    ];

    /// <summary>Streams of all members that have one.</summary>
    public Dictionary<WorkerId, WorkerLink> Links =>
        _members.Values.Where(member => member.Link is not null).ToDictionary(member => member.Id, member => member.Link!);

    /// <summary>
    /// The member that a join request proves to be dead: another process at the same address, or an earlier session of the same process.
    /// The caller removes it like a lost one.
    /// </summary>
    public Member? FindDead(string name, string node, int attempt) =>
        _members.Values.FirstOrDefault(member => member.Name == name && (member.Node != node || member.Attempt < attempt));

    /// <summary>
    /// Handles a join request. A repeated request, after a slow first answer, gets the same offer: a new token would invalidate the first
    /// one.
    /// </summary>
    /// <param name="name">HOST:PORT of its node.</param>
    /// <param name="node">Its unique address.</param>
    /// <param name="attempt">Number of its session.</param>
    /// <param name="worker">What it says about itself.</param>
    /// <param name="offer">Makes an offer with a token.</param>
    /// <returns>The offer; null if its stream is open already, so that this request is outdated.</returns>
    public RunOffered? Ask(string name, string node, int attempt, WorkerInfo worker, Func<byte[], RunOffered> offer)
    {
        if (FindByNode(node) is { } known)
            return (known.State as Admission.Offered)?.Offer;
        var offered = new Admission.Offered(offer(tokens.Issue(node)), worker.HeldData);
        _members.Add(++_lastId, new Member(new WorkerId(_lastId), name, node, attempt, worker.ProcessId, worker.Lanes, offered));
        return offered.Offer;
    }

    /// <summary>A worker has used its token. Returns null and changes nothing if the worker was removed meanwhile.</summary>
    /// <param name="node">Its unique address.</param>
    /// <param name="open">Opens its link.</param>
    public Member? Link(string node, Func<Member, string, WorkerLink> open)
    {
        if (FindByNode(node) is not { State: Admission.Offered offered } member)
            return null;
        return _members[member.Id.Value] = member with { State = new Admission.Linked(open(member, offered.HeldData)) };
    }

    /// <summary>A member has spec, data and matching numerics. Null if it is gone or was not linked.</summary>
    public Member? MarkReady(WorkerId id)
    {
        if (Find(id) is not { State: Admission.Linked linked } member)
            return null;
        return _members[id.Value] = member with { State = new Admission.Ready(linked.Link) };
    }

    /// <summary>A ready member wants to leave. Null if it is not ready or is leaving already.</summary>
    public Member? MarkLeaving(WorkerId id, string reason)
    {
        if (Find(id) is not { State: Admission.Ready ready } member)
            return null;
        return _members[id.Value] = member with { State = new Admission.Leaving(ready.Link, reason) };
    }

    /// <summary>
    /// Lets the worker in this process go: once it owes nothing, or at once if it does not compute yet.
    /// </summary>
    public void LetOwnGo()
    {
        if (_members.Values.FirstOrDefault(member => member.IsOwn) is not { } own)
            return;
        if (own.IsReady)
            MarkLeaving(own.Id, "the workers are ready");
        else if (own.Leaving is null)
            Remove(own.Id)?.Link?.Dispose();
    }

    public Member? Find(WorkerId id) => _members.GetValueOrDefault(id.Value);

    public Member? FindByNode(string node) => _members.Values.FirstOrDefault(member => member.Node == node);

    /// <summary>Removes a worker and its token; the caller closes its stream. Null if it was no member.</summary>
    public Member? Remove(WorkerId id)
    {
        if (!_members.Remove(id.Value, out Member? member))
            return null;
        tokens.Revoke(member.Node);
        return member;
    }
}
