using Akka.Actor;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Standbys;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator;

/// <summary>What a leading coordinator does for its standbys: lets them in, has what is saved sent to them, and at the end says what is to become of the run.</summary>
internal sealed partial class CoordinatorActor
{
    private static readonly TimeSpan StandbyFarewellTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (RunOffered Offer, string Name)> _standbyOffers = [];
    private readonly Dictionary<string, StandbyLink> _standbys = [];
    private bool _traceHasBegun;
    private bool _standbysTold, _isDethroned;
    private long _savedStep;

    /// <summary>Whether the run, which has ended here, goes on or may go on elsewhere.</summary>
    private bool LeavesRun => _isDethroned || _ending.HandsOver(_options.Spec.TotalSteps);

    private void ReceiveStandbys()
    {
        _traceHasBegun = _options.TraceFile is null;
        Receive<TraceBegun>(_ => _traceHasBegun = true);
        Receive<StandBy>(OnStandBy);
        Receive<StandbyReplicated>(OnStandbyReplicated);
        Receive<StandbyLinkLost>(OnStandbyLinkLost);
        Receive<NewerTermSeen>(OnNewerTermSeen);
        Receive<StandbyFarewellTimedOut>(_ =>
        {
            foreach (string node in _standbys.Keys.ToList())
                RemoveStandby(node, "it did not take leave in time");
        });
    }

    private void OnStandBy(StandBy ask)
    {
        Address address = Sender.Path.Address;
        if (ask.Version != ProductVersion.Current)
        {
            Sender.Tell(new JoinRefused($"It is Lockstep {ask.Version}, the coordinator is {ProductVersion.Current}. Use the same version on every machine."));
            return;
        }

        string? node = _cluster.State.Members.FirstOrDefault(member => member.Address == address && Coordinators.Includes(member))?.UniqueAddress.ToString();
        if (node is null || !_traceHasBegun || _decisions.Phase == Decisions.RunPhase.Ending || _standbys.ContainsKey(node))
            return; // It asks again.
        if (!_standbyOffers.TryGetValue(node, out (RunOffered Offer, string Name) known))
        {
            known = (new RunOffered(_state.Run, _state.Term, _context.StreamHost, _context.StreamPort, _context.Tokens.Issue(node)), Name(address));
            _standbyOffers.Add(node, known);
        }

        Sender.Tell(known.Offer);
    }

    private bool TryOpenStandby(StreamOpened opened)
    {
        if (!_standbyOffers.Remove(opened.Node, out (RunOffered Offer, string Name) known))
            return false;
        if (_decisions.Phase == Decisions.RunPhase.Ending)
        {
            opened.Connection.Dispose();
            return true;
        }

        var link = new StandbyLink(opened.Node, known.Name, opened.Connection, _context, Self);
        _standbys[opened.Node] = link;
        link.Start(_ending.Checkpoint, _ending.Checkpoint is null ? _state.FirstStep : _savedStep);
        return true;
    }

    private void Replicate(SnapshotSaved saved)
    {
        _savedStep = saved.Step;
        foreach (StandbyLink link in _standbys.Values)
            link.PostCheckpoint(saved.Path, saved.Step);
    }

    private void OnStandbyReplicated(StandbyReplicated replicated)
    {
        if (!_standbys.TryGetValue(replicated.Node, out StandbyLink? link))
            return;
        if (link.ReplicatedStep is null)
            Raise(new RunEvent.StandbyReady(link.Name, replicated.Step));
        link.ReplicatedStep = replicated.Step;
        MeasureStandbys();
    }

    private void OnStandbyLinkLost(StandbyLinkLost lost)
    {
        if (_standbys.GetValueOrDefault(lost.Node) == lost.Link)
            RemoveStandby(lost.Node, lost.Reason);
    }

    private void RemoveStandby(string node, string reason)
    {
        _ = _standbyOffers.Remove(node);
        _context.Tokens.Revoke(node);
        if (!_standbys.Remove(node, out StandbyLink? link))
            return;
        link.Dispose();
        MeasureStandbys();
        if (_standbysTold)
            CompleteWhenDone();
        else
            Raise(new RunEvent.StandbyLost(link.Name, reason));
    }

    private void MeasureStandbys() => _meter.StandbysChanged(
        [.. _standbys.Values.Where(link => link.ReplicatedStep is not null).Select(link => (link.Name, link.ReplicatedStep!.Value))]);

    /// <summary>Somebody else leads, or this node is not in the cluster any more: whatever is computed here, nobody waits for it.</summary>
    private void OnNewerTermSeen(NewerTermSeen seen)
    {
        if (_decisions.Phase == Decisions.RunPhase.Ending)
            return;
        _isDethroned = true;
        EndRun(RunOutcome.Replaced, seen.Term > 0
            ? $"A standby leads this run with term {seen.Term}; this coordinator had term {_state.Term}. It had not been heard for a while, and the run goes on without it."
            : "This coordinator is not in the cluster any more: it did not hear half of the nodes for some seconds, or a standby leads in its place.");
    }

    /// <summary>Workers whose streams end look for the coordinator that leads next; those that are told that the run is over would end.</summary>
    private void LetWorkersGo()
    {
        foreach (WorkerLink link in _links.Values)
            link.Dispose();
        _links.Clear();
    }

    /// <summary>Says to the standbys what is to become of the run, once; whether all have heard it.</summary>
    private bool TellStandbys(RunOutcome outcome)
    {
        if (!_standbysTold)
        {
            _standbysTold = true;
            if (_isDethroned)
            {
                foreach (string node in _standbys.Keys.ToList())
                    RemoveStandby(node, "this coordinator does not lead any more");
                return true;
            }

            (Farewell why, string reason) = outcome switch
            {
                RunOutcome.Completed => (Farewell.RunComplete, RunIsOver),
                RunOutcome.HandedOver => (Farewell.HandsOver, "it was asked to stop, and hands over"),
                _ => (Farewell.RunFailed, "the run failed"),
            };
            foreach (StandbyLink link in _standbys.Values)
                link.PostBye(why, reason);
            Timers.StartSingleTimer(nameof(StandbyFarewellTimedOut), StandbyFarewellTimedOut.Instance, StandbyFarewellTimeout);
        }

        return _standbys.Count == 0;
    }

    private sealed record StandbyFarewellTimedOut
    {
        public static readonly StandbyFarewellTimedOut Instance = new();
    }
}
