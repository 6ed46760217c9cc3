using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Coordinator.Workers;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;
using Server = Lockstep.Coordinator.Server.ParameterServer;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>The product's roles of one leadership of a coordinator, with the ways between them, and what they must hold to.</summary>
internal sealed class SimTerm
{
    // The wish to leave is a message to two roles, and the answer is one to the worker.
    private const int MostStepsToLeave = 5;

    private readonly SimCoordinator _coordinator;
    private readonly TrainingOptions _options;
    private readonly int _term;
    private readonly RunMeter _meter;
    private readonly Coordination _coordination;
    private readonly Checkpointer _checkpointer;
    private readonly Server _server;
    private readonly GradientPool _gradients;
    private readonly List<SimLink> _links = [];
    private readonly Dictionary<WorkerId, int> _keptWaiting = [];
    private readonly bool[] _isArrived = new bool[TinyRun.Shards];
    private readonly HashSet<(long Step, TreeNode Node)> _seen = [];
    private (WorkerId Worker, int Shards)[] _shares = [];
    private long _step;
    private int _arrivalsUnderWay;
    private long _lackingSince;
    private bool _isOver;

    public SimTerm(
        SimCoordinator coordinator, TrainingOptions options, RunState state, ReplicaSource source, StreamTokens tokens,
        Lazy<TrainingData> images)
    {
        (_coordinator, _options, _term) = (coordinator, options, state.Term);
        Since = _lackingSince = Sim.Timeline.Now;
        _step = state.FirstStep;
        var events = new SimCoordinator.Watcher(coordinator);
        events.Report(new RunEvent.Leading(state.RunId, state.Term, state.FirstStep, options.Peers.Count > 1));
        _meter = new RunMeter(state, options.Spec.TotalSteps);
        _gradients = new GradientPool(state.Layout.TrainableLength);
        SimMailbox toServer = coordinator.NewMailbox(OnServer);
        Coordination = coordinator.NewMailbox(OnCoordination);
        var toCheckpointer = new BusyMailbox(Sim.Timeline, coordinator.Process, DiskTime, OnCheckpointer);
        _checkpointer = new Checkpointer(
            options, state, _meter, CheckpointerFiles.Of(options, coordinator.Disk), coordinator.Clock, Coordination.OfAnotherSender());
        var evaluator = new Evaluator(options, state.Layout, Coordination.OfAnotherSender());
        var toEvaluator = new BusyMailbox(
            Sim.Timeline, coordinator.Process, _ => Sim.Random.Next(50, 3_000), message => IfLeading(() => evaluator.Receive(message)));
        // Steps of some milliseconds, and few of them: paces are looked at as often as that.
        var pace = new Pace(every: TimeSpan.FromMilliseconds(10), between: TimeSpan.Zero);
        _server = new Server(
            options, state, _meter, _gradients, coordinator.Clock,
            new ParameterServerMailboxes(toServer.OfAnotherSender(), Coordination.OfAnotherSender(), toEvaluator, toCheckpointer), pace);
        var links = new LinkContext(
            options.Spec, state, images, new Lazy<SharedExamples?>(() => null), _gradients, Coordination.OfAnotherSender(), new CountingMailbox(this, toServer.OfAnotherSender()),
            coordinator.Clock);
        var context = new CoordinatorContext(
            options, state, images, tokens, $"{coordinator.Host}", SimCoordinator.StreamPort, events,
            new TaskCompletionSource<RunResult>());
        var ports = new CoordinationPorts(
            toServer, toEvaluator, coordinator.Server.Lead(source, Coordination.OfAnotherSender()),
            (worker, stream, start) => Open(worker, stream, links, start), OnComplete);
        _coordination = new Coordination(context, ports, _meter, coordinator.Clock.Elapsed);
        _server.Start();
        coordinator.Every(CoordinationTick.Every, () => OnCoordination(CoordinationTick.Instance));
        coordinator.Every(Server.ReportEvery, () => OnTimer(Server.Tick.Instance));
        coordinator.Every(Server.CheckEvery, () => OnTimer(Server.LateCheck.Instance));
    }

    /// <summary>When it began.</summary>
    public long Since { get; }

    /// <summary>The way to the role that leads.</summary>
    public SimMailbox Coordination { get; }

    /// <summary>Completed steps.</summary>
    public long Step => _server.Step;

    /// <summary>Workers may join, and steps are computed with them.</summary>
    public bool TakesWorkers => !_isOver && _coordination.Phase != RunPhase.Ending;

    /// <summary>Workers that compute.</summary>
    public int Ready => _coordination.Ready;

    private Simulation Sim => _coordinator.Sim;

    /// <summary>Whether a step under way still lacks one of these nodes.</summary>
    public bool Lacks(long step, IEnumerable<TreeNode> nodes) => !_isOver && !_server.IsOver && _server.Step == step
        && nodes.Any(node => _isArrived.AsSpan()[node.FirstShard..TinyRun.Tree.EndShard(node)].Contains(false));

    /// <summary>It is over, whether the process lives on or not.</summary>
    public void Abandon()
    {
        if (_isOver)
            return;
        _isOver = true;
        _coordination.Stop();
        _server.Stop();
        _meter.Dispose();
    }

    private WorkerLink Open(WorkerId worker, FrameStream stream, LinkContext context, LinkStart start)
    {
        var link = new WorkerLink(worker, stream, context, start);
        _links.Add(new SimLink(_coordinator, link, (VirtualConnection)stream));
        return link;
    }

    private long DiskTime(object message) =>
        message is SaveSnapshot ? Sim.Random.Next(300, 6_000) * (long)_coordinator.DiskSlowness : Sim.Random.Next(5, 200);

    private void IfLeading(Action act)
    {
        if (!_isOver)
            act();
    }

    private void OnCheckpointer(object message) => IfLeading(() => _checkpointer.Receive(message));

    private void OnTimer(object message)
    {
        if (!_isOver && !_server.IsOver)
            OnServer(message);
    }

    private void OnCoordination(object message)
    {
        if (_isOver)
            return;
        if (message is StepReport report)
            WatchPaces(report.Roster);
        if (message is CoordinationTick)
            _coordination.Tick(_coordinator.Clock.Elapsed);
        else
            _coordination.Receive(message, _coordinator.Clock.Elapsed);
        if (_coordination is { Phase: RunPhase.Training, Ready: > 0 })
            _lackingSince = Sim.Timeline.Now;
        if (RunProgressed.After(message, _coordination, _term) is { } progressed)
            _coordinator.Tell(progressed);
    }

    private void OnServer(object message)
    {
        if (_isOver)
            return;
        if (message is NodeArrived arrived)
            Count(arrived);
        if (message is SumArrived sum)
            Count(sum);
        (long step, bool isSliced) = (_server.Step, _server.IsSliced);
        _server.Receive(message);
        if (isSliced && !_server.IsSliced && _server.Step == step)
            CheckGivenUp(message);
        if (message is NodeArrived { Link: var link })
            _links.Find(known => known.Link == link)?.Pulse();
        if (_server.Step == _step)
            return;
        _step = _server.Step;
        Array.Clear(_isArrived);
        Sim.Checks.Weights(_coordinator, _step, _server.Weights, _server.OptimizerState);
        CheckBuffers();
        CheckLeaving();
    }

    private void Count(NodeArrived arrived)
    {
        if (arrived.Gradient.IsPooled)
            _arrivalsUnderWay--;
        if (arrived.Step != _server.Step)
            Sim.Statistics.Stale++;
        else if (!_seen.Add((arrived.Step, arrived.Node)))
            Sim.Statistics.Duplicates++;
        else
            Sim.Statistics.Gradients++;
        if (arrived.Step == _server.Step)
            _isArrived.AsSpan()[arrived.Node.FirstShard..Math.Min(TinyRun.Shards, TinyRun.Tree.EndShard(arrived.Node))].Fill(true);
    }

    private void Count(SumArrived sum)
    {
        _arrivalsUnderWay--;
        if (sum.AreAtOdds)
            Sim.Violate($"Slices of the sum of node {sum.Node} in step {sum.Step} have different statistics.");
        if (sum.Step != _server.Step)
            return;
        Sim.Statistics.SumsOfSlices++;
        _isArrived.AsSpan()[sum.Node.FirstShard..Math.Min(TinyRun.Shards, TinyRun.Tree.EndShard(sum.Node))].Fill(true);
    }

    /// <summary>A step in slices is made directly only if something has gone wrong.</summary>
    private void CheckGivenUp(object message)
    {
        Sim.Statistics.SlicesGivenUp++;
        if (Sim is { QuietFrom: 0, HasSlowWay: false, ComputeScale: 1 })
            Sim.Violate($"Step {_server.Step} was not completed in slices, though nothing had happened: {message}.");
    }

    private void WatchPaces(Roster roster)
    {
        (WorkerId, int)[] shares = [.. roster.Entries.Select(entry => (entry.Worker, entry.Shards))];
        if (shares.Length > 0 && shares.Select(share => share.Item1).SequenceEqual(_shares.Select(share => share.Worker))
            && !shares.SequenceEqual(_shares))
            Sim.Statistics.RostersByPace++;
        _shares = shares;
    }

    private void OnComplete(RunResult result)
    {
        if (result.Outcome == RunOutcome.ClusterLost && Sim.Timeline.Now - _lackingSince < (long)_options.WorkerTimeout.TotalMicroseconds)
            Sim.Violate($"{_coordinator.Process} gave up after {(Sim.Timeline.Now - _lackingSince) / Timeline.Millisecond} ms without "
                + $"workers; it was to wait {_options.WorkerTimeout.TotalSeconds} s.");
        if (result.Outcome == RunOutcome.Completed && _server.WeightsHeld > 1)
            Sim.Violate($"{_coordinator.Process} is complete, and {_server.WeightsHeld} versions of the weights are held.");
        Sim.Timeline.After(_coordinator.Process, Sim.Random.Next(5, 200), () => IfLeading(() => _coordinator.OnEnded(result)));
    }

    /// <summary>Who wants to leave owes nothing once a step is over, and may go.</summary>
    private void CheckLeaving()
    {
        foreach (Member member in _coordination.Members.Where(member => member.Leaving is not null))
        {
            bool couldGo = _links.Exists(link => link.Link == member.Link && link.IsOpen);
            int kept = _keptWaiting[member.Id] = couldGo ? _keptWaiting.GetValueOrDefault(member.Id) + 1 : 0;
            if (kept > MostStepsToLeave)
                Sim.Violate($"Worker {member.Id} wants to leave, and after {kept} more steps it is not let go.");
        }
    }

    /// <summary>At the border of a step: no gradient is lost, and what holds weights is bounded.</summary>
    private void CheckBuffers()
    {
        if (_gradients.Held != _arrivalsUnderWay)
            Sim.Violate($"At the border of step {_step}, {_gradients.Held} gradient buffers are held; {_arrivalsUnderWay} are under way.");
        int links = _coordination.Members.Count(member => member.Link is not null);
        // The current ones, those that wait in links (to send them takes no time here), evaluations, two snapshots; and the final ones.
        int most = 1 + links + MetricsRows.MaxUnderWay + 2 + 1;
        if (_server.WeightsHeld > most)
            Sim.Violate($"At the border of step {_step}, {_server.WeightsHeld} versions of the weights are held; with {links} links at "
                + $"most {most} may be.");
    }

    /// <summary>Counts the gradients on their way to the parameter server.</summary>
    private sealed class CountingMailbox(SimTerm term, SimMailbox inner) : IMailbox
    {
        public void Tell(object message)
        {
            if (message is NodeArrived { Gradient.IsPooled: true } or SumArrived)
                term._arrivalsUnderWay++;
            inner.Tell(message);
        }

        public void TellAndRun(object message) => Tell(message);
    }
}
