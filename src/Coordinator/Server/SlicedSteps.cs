using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// The exchange of slices, on the parameter server's side: asks workers where they can be reached, offers them plans, and says in which
/// steps slices are exchanged and by whom. If anything goes wrong in such a step, it is made directly after all.
/// </summary>
internal sealed class SlicedSteps
{
    private readonly Transport _transport;
    private readonly SliceAssembly _assembly;
    private readonly SliceDecisions _decisions;
    private readonly Dictionary<WorkerId, IPEndPoint> _addresses = [];
    private readonly HashSet<WorkerId> _asked = [];
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private IReadOnlyDictionary<WorkerId, WorkerLink> _links = new Dictionary<WorkerId, WorkerLink>();
    private SliceTrial _trial = new();
    private SliceGroup? _used;
    private TimeSpan _begun;
    private bool _wasDisturbed;

    /// <param name="options">How weights and gradients travel.</param>
    /// <param name="state">The run.</param>
    /// <param name="assembly">Gets the slices.</param>
    public SlicedSteps(TrainingOptions options, RunState state, SliceAssembly assembly)
    {
        (_transport, _assembly) = (options.Transport, assembly);
        _decisions = new SliceDecisions(
            new ReductionTree(state.Spec.Shards), state.Layout.TrainableLength, options.SliceRows);
    }

    /// <summary>Whether slices are exchanged in the step under way.</summary>
    public bool IsUsed => _used is not null;

    /// <summary>The links have changed. Returns whether the step under way has lost one of its workers, so that it must be made directly.</summary>
    public bool Follow(IReadOnlyDictionary<WorkerId, WorkerLink> links)
    {
        _links = links;
        _decisions.Keep(links.ContainsKey);
        _asked.RemoveWhere(worker => !links.ContainsKey(worker));
        foreach (WorkerId gone in _addresses.Keys.Where(worker => !links.ContainsKey(worker)).ToList())
            _addresses.Remove(gone);
        if (_transport != Transport.Stream)
        {
            foreach ((WorkerId worker, WorkerLink link) in links)
            {
                // On one machine nothing is faster than shared memory.
                if ((_transport == Transport.Slices || !link.Stream.IsWithinMachine) && _asked.Add(worker))
                    link.AskForSliceAddress();
            }
        }

        return _used?.Members.Any(member => !links.ContainsKey(member.Worker)) == true;
    }

    /// <summary>A worker has answered.</summary>
    public void OnReachable(SliceReachable reachable)
    {
        if (!_links.ContainsKey(reachable.Worker))
            return;
        _addresses[reachable.Worker] = reachable.Address;
        _decisions.Reachable(reachable.Worker);
    }

    /// <summary>
    /// Returns whether the step under way must be made directly, because two of its workers do not reach each other, and whether one of
    /// them is left out for a while.
    /// </summary>
    public (bool IsBroken, bool IsLeftOut) OnLinksChanged(SliceLinksChanged changed, TimeSpan now)
    {
        if (changed.Unreachable is not { } other)
        {
            _decisions.Linked(changed.Worker, changed.Plan);
            return default;
        }

        bool isBroken = _used?.Number == changed.Plan;
        return (isBroken, _decisions.Unlinked(changed.Worker, changed.Plan, other, now));
    }

    /// <summary>Begins a step. Returns who exchanges slices in it; null for nobody.</summary>
    public SliceGroup? Begin(long step, Roster roster, TimeSpan now)
    {
        (_begun, _wasDisturbed) = (now, false);
        if (_transport == Transport.Stream)
            return null;
        if (_decisions.Follow(roster, now) is { } offered)
        {
            _trial = new SliceTrial();
            Offer(offered);
        }

        _used = _decisions.IsLinked && (_transport == Transport.Slices || _trial.UsesSlices) ? _decisions.Group : null;
        _assembly.Begin(step, _used);
        return _used;
    }

    /// <summary>The step under way is complete.</summary>
    public void Complete(long step, TimeSpan now)
    {
        if (!_wasDisturbed)
            _trial.Took(now - _begun, inSlices: IsUsed);
        _used = null;
        _assembly.Begin(step, null);
    }

    /// <summary>The step under way is made directly. Returns the workers that exchange slices no more.</summary>
    /// <param name="step">The step.</param>
    /// <param name="isSuspect">Whether the workers are to make sure of each other before they do so again.</param>
    public IReadOnlyList<RosterEntry> GiveUp(long step, bool isSuspect)
    {
        if (_used is not { } group)
            return [];
        if (isSuspect)
            _decisions.Suspect();
        _wasDisturbed = true;
        _used = null;
        _assembly.Begin(step, null);
        return group.Members;
    }

    /// <summary>What a worker gets of the weights.</summary>
    public static SliceShare? ShareOf(SliceGroup? group, WorkerId worker) =>
        group?.SlicesOf(worker) is { } slices ? new SliceShare(group.Number, slices, slices.Sum(slice => slice.Count) * sizeof(float))
        : null;

    private void Offer(SliceGroup group)
    {
        for (int place = 0; place < group.Members.Count; place++)
        {
            IReadOnlyList<int> mates = group.Plan.MatesOf(place);
            int self = group.Members[place].Worker.Value, index = 0;
            _links[group.Members[place].Worker].PostOffer(new SliceOffer(group.Number, group.Plan.Rows, place,
            [
                .. group.Members.Select(member => new SliceWorker(
                    member.Worker.Value, _addresses[member.Worker],
                    mates.Contains(index++) ? Token(self, member.Worker.Value) : [], member.Nodes)),
            ]));
        }
    }

    /// <summary>The token of a pair of workers. It is the same for both and in all plans, and needs no memory.</summary>
    private byte[] Token(int worker, int other)
    {
        Span<byte> pair = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(pair, Math.Min(worker, other));
        BinaryPrimitives.WriteInt32LittleEndian(pair[sizeof(int)..], Math.Max(worker, other));
        return HMACSHA256.HashData(_key, pair)[..StreamTokens.TokenBytes];
    }
}
