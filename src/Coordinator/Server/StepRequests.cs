using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// What the parameter server asks of its workers: the nodes of a step, as a whole or in slices; again what does not come; and to leave.
/// </summary>
/// <param name="steps">Decides who computes what.</param>
/// <param name="slices">Decides who exchanges slices.</param>
/// <param name="gradients">Buffers of sums that are not used.</param>
/// <param name="meter">Counts.</param>
/// <param name="coordinator">Told of workers that cannot reach each other.</param>
internal sealed class StepRequests(
    StepDecisions<NodeGradient> steps, SlicedSteps slices, GradientPool gradients, RunMeter meter, IMailbox coordinator)
{
    // Behind a firewall, no two workers may reach each other.
    private const int MostTold = 10;

    private readonly HashSet<(WorkerId, WorkerId)> _told = [];
    private IReadOnlyDictionary<WorkerId, WorkerLink> _links = new Dictionary<WorkerId, WorkerLink>();
    private IReadOnlyList<Reissue> _lacking = [];
    private bool _lacksSlices;

    /// <summary>Whether the step under way is made in slices.</summary>
    public bool IsSliced => slices.IsUsed;

    /// <summary>Steps that were made in slices.</summary>
    public long StepsInSlices { get; private set; }

    /// <summary>Takes part with other workers from the next step on.</summary>
    public void Follow(ChangeWorkers change)
    {
        _links = change.Links;
        _lacking = steps.ChangeWorkers(change.Workers);
        _lacksSlices = slices.Follow(change.Links);
        LetGo();
    }

    /// <summary>Requests again what lost workers owe in the step under way.</summary>
    public void Repair(WeightsVersion weights)
    {
        if (_lacksSlices)
            GoDirect(weights);
        Ask(weights, _lacking, ReissueReason.WorkersChanged);
    }

    /// <summary>Requests the nodes of a step.</summary>
    public void Begin(WeightsVersion weights, TimeSpan now)
    {
        Roster roster = steps.Begin(now);
        SliceGroup? group = slices.Begin(steps.Step, roster, now);
        IReadOnlyList<RosterEntry> entries = roster.Entries;
        for (int i = 0; i < entries.Count; i++)
        {
            RosterEntry entry = entries[i];
            // Weights are the largest frames. A worker without nodes gets them with its first reissued node.
            if (entry.Nodes.Count > 0)
                _links[entry.Worker].PostWork(weights, entry.Nodes, SlicedSteps.ShareOf(group, entry.Worker));
        }
    }

    /// <summary>Requests what is late from others, and now and then something of those who stand by.</summary>
    public void LookForLate(WeightsVersion weights, TimeSpan now)
    {
        if (!slices.IsUsed)
        {
            Ask(weights, steps.Overdue(now), ReissueReason.Late);
            meter.Late(steps.Late.Count);
            foreach (WorkerId late in steps.Late)
                _links[late].CountLate();
        }
        else if (steps.GivesUpSlices(now))
        {
            GoDirect(weights, isSuspect: true);
        }

        Ask(weights, steps.Probe(now), ReissueReason.Probe);
    }

    /// <summary>Takes a sum that came in slices.</summary>
    public Arrival Accept(SumArrived sum, WeightsVersion weights, TimeSpan now)
    {
        foreach ((WorkerId worker, int microseconds) in sum.Times)
            Timed(worker, sum.Step, microseconds);
        Arrival arrival = Arrival.Wrong;
        if (sum.AreAtOdds)
            gradients.Return(sum.Gradient);
        else
            arrival = steps.AcceptSum(sum.Step, sum.Node, sum.Gradient, now);
        // A worker has sent others wrong numbers; which one is not known. Each answers for its own nodes.
        if (arrival == Arrival.Wrong && sum.Step == steps.Step)
            GoDirect(weights, isSuspect: true);
        return arrival;
    }

    /// <summary>A worker has computed all of its own nodes of a step that is made in slices.</summary>
    public void Timed(WorkerId worker, long step, int microseconds)
    {
        if (!_links.TryGetValue(worker, out WorkerLink? link))
            return;
        link.AddComputeTime(step, microseconds);
        steps.Timed(worker, step, TimeSpan.FromMicroseconds(microseconds));
    }

    /// <summary>Other workers can reach one.</summary>
    public void OnReachable(SliceReachable reachable) => slices.OnReachable(reachable);

    /// <summary>Workers reach each other, or do not.</summary>
    public void OnLinksChanged(SliceLinksChanged changed, WeightsVersion weights, TimeSpan now)
    {
        (bool isBroken, bool isLeftOut) = slices.OnLinksChanged(changed, now);
        if (isBroken)
            GoDirect(weights);
        if (isLeftOut && _told.Count < MostTold && _told.Add((changed.Worker, changed.Unreachable!.Value)))
            coordinator.Tell(changed);
    }

    /// <summary>The step is complete.</summary>
    public void Complete(TimeSpan now)
    {
        if (slices.IsUsed)
        {
            meter.SlicedStep(isComplete: true);
            StepsInSlices++;
        }

        slices.Complete(steps.Step, now);
    }

    /// <summary>Lets workers go that want to leave and owe nothing.</summary>
    public void LetGo()
    {
        IReadOnlyList<WorkerId> free = steps.Release();
        for (int i = 0; i < free.Count; i++)
            _links[free[i]].PostBye("It owes nothing.");
    }

    /// <summary>Requests the gradients of a step directly whose slices do not come, or not all.</summary>
    private void GoDirect(WeightsVersion weights, bool isSuspect = false)
    {
        if (slices.IsUsed)
            meter.SlicedStep(isComplete: false);
        foreach (RosterEntry member in slices.GiveUp(steps.Step, isSuspect))
        {
            if (_links.TryGetValue(member.Worker, out WorkerLink? link))
                link.PostWork(weights, member.Nodes);
        }
    }

    private void Ask(WeightsVersion weights, IReadOnlyList<Reissue> reissues, ReissueReason reason)
    {
        meter.Reissued(reissues, reason);
        foreach (Reissue reissue in reissues)
        {
            _links[reissue.Worker].PostReissue(weights, reissue.Nodes);
            if (reason != ReissueReason.Probe)
                _links[reissue.Worker].CountReissued(reissue.Nodes.Count);
        }
    }
}
