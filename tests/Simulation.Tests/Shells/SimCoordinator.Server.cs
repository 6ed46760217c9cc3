using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Shells;

/// <summary>What <c>ParameterServerActor</c> does around <see cref="StepDecisions{T}"/>, and <c>CheckpointerActor</c> around the store.</summary>
internal sealed partial class SimCoordinator
{
    private const int MaxVelocityCopies = 2;
    private const long LateCheckEvery = 20 * Timeline.Millisecond;

    private readonly Stack<AlignedBuffer> _freeVelocities = [];
    private readonly List<WeightsVersion> _snapshotsUnderWay = [];
    private readonly bool[] _isArrived = new bool[TinyRun.Shards];
    private StepDecisions<NodeGradient> _steps = null!;
    private StepEnds _ends = null!;
    private SgdOptimizer _optimizer = null!;
    private WeightsPool _weightsPool = null!;
    private WeightsVersion _weights = null!;
    private AlignedBuffer _velocity = null!;
    private CheckpointStore _store = null!;
    private Dictionary<WorkerId, SimLink> _serverLinks = [];
    private NodeStatistics _unreported;
    private int _velocityCopies;
    private long _diskFreeAt;
    private bool _isRunning;
    private bool _ending;
    private bool _isOver;

    public GradientPool Gradients { get; } = new(TinyRun.Layout.TrainableLength);

    /// <summary>The memory that workers of this machine read weights from, slot by slot.</summary>
    public List<AlignedBuffer> SharedWeights { get; } = [];

    /// <summary>The slot of weights.</summary>
    public int SlotOf(WeightsVersion weights)
    {
        int slot = SharedWeights.IndexOf(weights.Buffer);
        if (slot >= 0)
            return slot;
        SharedWeights.Add(weights.Buffer);
        return SharedWeights.Count - 1;
    }

    /// <summary>Gradients in buffers of the pool between the links and the server.</summary>
    public int ArrivalsUnderWay { get; set; }

    public long Step => _steps.Step;

    private void StartServer()
    {
        _ends = new StepEnds(_options.Spec.TotalSteps, _options.EvaluateEverySteps, _options.CheckpointEverySteps);
        _optimizer = new SgdOptimizer(_options.Spec, State.Layout);
        _velocity = new AlignedBuffer(_optimizer.VelocityLength);
        float[] initial = new float[State.Layout.Length];
        _unreported = State.Initialize(initial, _velocity.Span);
        _weightsPool = new WeightsPool(State.Layout, initial);
        _weights = _weightsPool.Rent(State.FirstStep);
        // Steps of some milliseconds, and few of them: paces are looked at as often as that.
        var pace = new Pace(every: TimeSpan.FromMilliseconds(10), between: TimeSpan.Zero);
        _steps = new StepDecisions<NodeGradient>(TinyRun.Tree, State.FirstStep, Gradients.Add, Gradients.Return, pace);
        _store = new CheckpointStore(_options.CheckpointDirectory, Sim.Disk);
    }

    public void OnNodeArrived(SimLink link, FrameHeader header, NodeGradient gradient)
    {
        if (gradient.IsPooled)
            ArrivalsUnderWay--;
        link.Taken(gradient);
        var node = TreeNode.FromKey(header.Node);
        Arrival arrival = _steps.Accept(link.Worker, header.Step, node, gradient, TimeSpan.FromMicroseconds(header.ComputeMicroseconds), Sim.Monotonic);
        if (arrival is Arrival.Fresh or Arrival.Duplicate)
            _isArrived.AsSpan()[node.FirstShard..TinyRun.Tree.EndShard(node)].Fill(true);
        LetGo();
        Sim.Statistics.Arrivals[(int)arrival]++;
        if (arrival == Arrival.Fresh && (header.Run, header.Term) != (State.Run, State.Term))
            Sim.Violate($"A gradient of run {header.Run:x}, term {header.Term} counted in run {State.Run:x}, term {State.Term}.");
        if (arrival == Arrival.Fresh && _steps.IsComplete && !_isOver)
            CompleteStep();
        else if (arrival == Arrival.Unknown)
            link.Fail("it sent a gradient of a node that the tree does not have");
    }

    private void OnChangeWorkers(IReadOnlyList<StepWorker> workers, Dictionary<WorkerId, SimLink> links, bool isInGoodOrder)
    {
        _serverLinks = links;
        IReadOnlyList<Reissue> reissues = _steps.ChangeWorkers(workers);
        CheckRoster(_steps.Roster);
        if (isInGoodOrder && reissues.Count > 0)
            Sim.Violate($"A worker leaves in good order, and {string.Join(' ', reissues.SelectMany(reissue => reissue.Nodes))} is asked of others in its place.");
        LetGo();
        if (_isOver)
            return;
        if (!_isRunning)
        {
            _isRunning = true;
            Sim.Timeline.After(Process, LateCheckEvery, OnLateCheck);
            if (_steps.Step >= _options.Spec.TotalSteps)
                Finish();
            else
                BeginStep();
            return;
        }

        Reissue(reissues);
    }

    private void CheckRoster(Roster roster)
    {
        int[] owned = [.. roster.Entries.SelectMany(entry => entry.Nodes).SelectMany(node => Enumerable.Range(node.FirstShard, TinyRun.Tree.Width(node))).Order()];
        if (owned.Length > 0 && !owned.SequenceEqual(Enumerable.Range(0, TinyRun.Shards)))
            Sim.Violate($"The roster leaves shards out or gives them twice: {string.Join(' ', owned)}.");
    }

    private void Reissue(IReadOnlyList<Reissue> reissues)
    {
        Sim.Statistics.Reissues += reissues.Count;
        foreach (Reissue reissue in reissues)
            _serverLinks[reissue.Worker].PostReissue(_weights, reissue.Nodes);
    }

    private void Probe(IReadOnlyList<Reissue> probes)
    {
        Sim.Statistics.Probes += probes.Count;
        foreach (Reissue probe in probes)
            _serverLinks[probe.Worker].PostReissue(_weights, probe.Nodes, isOwed: false);
    }

    private void LetGo()
    {
        foreach (WorkerId worker in _steps.Release())
            LetGo(_serverLinks[worker]);
    }

    private void LetGo(SimLink link)
    {
        Sim.Statistics.LetGo++;
        if (_isRunning && !_isOver && link.Owes(_steps.Step).Any(shard => !_isArrived[shard]))
            Sim.Violate($"Worker {link.Worker} is let go while step {_steps.Step} waits for it.");
        link.PostLast(FrameKind.Bye, "It owes nothing.");
    }

    private void OnEndTraining(bool waitForStep)
    {
        _ending = true;
        if (!waitForStep || !_isRunning)
            Finish();
    }

    private void OnLateCheck()
    {
        if (_isOver)
            return;
        Reissue(_steps.Overdue(Sim.Monotonic));
        Probe(_steps.Probe(Sim.Monotonic));
        Sim.Timeline.After(Process, LateCheckEvery, OnLateCheck);
    }

    private void BeginStep()
    {
        CheckBuffers();
        Roster before = _steps.Roster, roster = _steps.Begin(Sim.Monotonic);
        CheckRoster(roster);
        if (!ReferenceEquals(before, roster))
            Sim.Statistics.RostersByPace++;
        Array.Clear(_isArrived);
        foreach (RosterEntry entry in roster.Entries)
        {
            if (entry.Nodes.Count > 0)
                _serverLinks[entry.Worker].PostWork(_weights, entry.Nodes);
        }
    }

    private void CompleteStep()
    {
        BatchPosition batch = BatchPosition.Of(_options.Spec, _steps.Step);
        NodeGradient sum = _steps.Complete();
        WeightsVersion updated = _weightsPool.Successor(_weights, _steps.Step);
        _optimizer.Apply(batch, sum.Buffer.Span, sum.Addend is { } addend ? addend.Buffer.Span : default, _weights.Buffer.Span, _velocity.Span, updated.Buffer.Span);
        if (updated != _weights)
            _weights.Release();
        _weights = updated;
        _weights.Begin(_steps.Step);
        _unreported += sum.Statistics;
        NodeStatistics statistics = sum.Statistics;
        Gradients.Return(sum);
        Sim.OnStepCompleted(this, _steps.Step, statistics, _weights.Buffer.Span, _velocity.Span);

        StepEnd end = _ends.After(_steps.Step, _ending);
        if (!end.EndsTraining)
            BeginStep();
        if (end.RecordsMetrics)
            _unreported = default;
        if (end.SavesSnapshot)
            SaveSnapshot(isFinal: false);
        if (end.EndsTraining)
            Finish();
    }

    private void SaveSnapshot(bool isFinal)
    {
        if (!_freeVelocities.TryPop(out AlignedBuffer? velocity))
        {
            if (_velocityCopies >= MaxVelocityCopies && !isFinal)
            {
                Sim.Timeline.Send(Process, _fromServer, Sim.Random.Next(5, 200), "SnapshotFailed", () => OnSnapshotFailed("the disk is still busy", isFinal: false));
                return;
            }

            velocity = new AlignedBuffer(_velocity.Length);
            _velocityCopies++;
        }

        _velocity.Span.CopyTo(velocity.Span);
        WeightsVersion weights = _weights.Hold();
        NodeStatistics unreported = _unreported;
        _snapshotsUnderWay.Add(weights);
        // The disk takes one snapshot after another, each as long as it takes.
        long start = Math.Max(Sim.Timeline.Now + Sim.Random.Next(5, 200), _diskFreeAt);
        _diskFreeAt = start + Sim.Random.Next(300, 6_000) * Sim.DiskSlowness;
        Sim.Timeline.Send(Process, _toCheckpointer, start - Sim.Timeline.Now, "SaveSnapshot", () => OnSaveSnapshot(weights, velocity, unreported, isFinal));
    }

    private void OnSaveSnapshot(WeightsVersion weights, AlignedBuffer velocity, NodeStatistics unreported, bool isFinal)
    {
        long step = weights.Step, left = Math.Max(_diskFreeAt - Sim.Timeline.Now, 1);
        var checkpoint = new Checkpoint
        {
            RunId = State.RunId,
            Term = State.Term,
            Spec = _options.Spec,
            Step = step,
            Parameters = CheckpointTensors.CopyFrom(State.Layout, weights.Buffer.Span),
            Velocities = CheckpointTensors.CopyFrom(State.Layout, velocity.Span),
            Unreported = unreported,
            WeightsSha256 = WeightsDigest.Sha256(State.Layout, weights.Buffer.Span),
        };
        weights.Release();
        _snapshotsUnderWay.Remove(weights);
        Sim.Timeline.Send(Process, null, Sim.Random.Next(5, 200), "SnapshotBufferFreed", () => _freeVelocities.Push(velocity));
        try
        {
            string path = _store.Save(checkpoint, _options.KeepCheckpoints);
            Sim.Timeline.Send(Process, _fromCheckpointer, left, "SnapshotSaved", () => OnSnapshotSaved(path, step, isFinal));
        }
        catch (CheckpointException exception) when (!Sim.Disk.HasLostPower)
        {
            Sim.Timeline.Send(Process, _fromCheckpointer, left, "SnapshotFailed", () => OnSnapshotFailed(exception.Message, isFinal));
        }
        catch (Exception) when (Sim.Disk.HasLostPower)
        {
            Sim.Timeline.Note($"{Process} lost its power while it wrote step {step}");
            Sim.LosePower(this);
        }
    }

    private void Finish()
    {
        if (_isOver)
            return;
        _isOver = true;
        bool isSaving = _steps.Step > State.FirstStep;
        if (isSaving)
            SaveSnapshot(isFinal: true);
        Sim.Timeline.Send(Process, _fromServer, Sim.Random.Next(5, 200), "TrainingEnded", () => OnTrainingEnded(isSaving));
    }

    /// <summary>Every buffer is where it should be; none is lost, and none waits in a queue.</summary>
    private void CheckBuffers()
    {
        if (Gradients.Held != ArrivalsUnderWay)
            Sim.Violate($"At the border of step {_steps.Step}, {Gradients.Held} gradient buffers are held; {ArrivalsUnderWay} are under way.");
        int known = _allLinks.SelectMany(link => link.WeightsHeld).Concat(_snapshotsUnderWay).Append(_weights).Distinct().Count();
        if (_weightsPool.Held != known)
            Sim.Violate($"At the border of step {_steps.Step}, {_weightsPool.Held} versions of the weights are held, {known} by somebody.");
        foreach (SimLink link in _allLinks)
        {
            if (link.WeightsHeld.Count() > 2)
                Sim.Violate($"The link of worker {link.Worker} holds {link.WeightsHeld.Count()} versions of the weights.");
            if (link.IsKeptWaiting(_steps.Step))
                Sim.Violate($"Worker {link.Worker} wants to leave, and at the border of step {_steps.Step} it is not let go.");
        }
    }
}
