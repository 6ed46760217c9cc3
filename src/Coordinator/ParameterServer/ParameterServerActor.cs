using System.Diagnostics;
using Akka.Actor;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.ParameterServer;

/// <summary>
/// Owns the weights, the optimizer state and the reduction tree of the step under way; runs on a thread of its own.
/// Receives gradients from the worker links, and from the coordinator who takes part. Sends work to the links, snapshots and each step's
/// hash to the checkpointer, snapshots to the evaluator, reports to the coordinator. If it fails, the run fails: the coordinator stops it.
/// </summary>
internal sealed class ParameterServerActor : UntypedActor, IWithTimers
{
    private const int MaxVelocityCopies = 2;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(20);

    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly RunMeter _meter;
    private readonly IActorRef _coordinator;
    private readonly IActorRef _evaluator;
    private readonly IActorRef _checkpointer;
    private readonly StepDecisions<NodeGradient> _steps;
    private readonly Func<long, TreeNode, int> _examplesOf;
    private readonly StepEnds _ends;
    private readonly WeightsUpdate _update;
    private readonly WeightsPool _weightsPool;
    private readonly GradientPool _gradients;
    private readonly Stack<AlignedBuffer> _freeVelocities = [];
    private readonly RateMeter _rate = new();
    private readonly Stopwatch _clock = new();
    private int _velocityCopies;
    private long _workSent;
    private TraceBatches? _trace;
    private WeightsVersion _weights;
    private IReadOnlyDictionary<WorkerId, WorkerLink> _links = new Dictionary<WorkerId, WorkerLink>();
    private NodeStatistics _unreported;
    private long _examples;
    private (long Examples, TimeSpan Time) _lastRow;
    private bool _ending;

    public static Props Props(
        TrainingOptions options, RunState state, RunMeter meter, GradientPool gradients, IActorRef coordinator, IActorRef evaluator, IActorRef checkpointer) =>
        Akka.Actor.Props.Create(() => new ParameterServerActor(options, state, meter, gradients, coordinator, evaluator, checkpointer))
            .WithDispatcher(Dispatchers.ParameterServer);

    public ParameterServerActor(
        TrainingOptions options, RunState state, RunMeter meter, GradientPool gradients, IActorRef coordinator, IActorRef evaluator, IActorRef checkpointer)
    {
        (_options, _state, _meter, _gradients) = (options, state, meter, gradients);
        (_coordinator, _evaluator, _checkpointer) = (coordinator, evaluator, checkpointer);
        _ends = new StepEnds(options.Spec.TotalSteps, options.EvaluateEverySteps, options.CheckpointEverySteps);
        _update = new WeightsUpdate(options.Spec, state.Layout);
        float[] initial = new float[state.Layout.Length];
        _unreported = state.Initialize(initial, _update.Velocity);
        _weightsPool = new WeightsPool(
            state.Layout, initial, options.SharesMemory ? SharedMemory.TryCreate(WeightsPool.CommonlyHeld, state.Layout.Length, othersWrite: false) : null);
        _weights = _weightsPool.Rent(state.FirstStep);
        var tree = new ReductionTree(options.Spec.Shards);
        _examplesOf = (step, node) => BatchPosition.Of(options.Spec, step).ExamplesOf(node, tree);
        _steps = new StepDecisions<NodeGradient>(
            tree, state.FirstStep, gradients.Add, gradients.Return, isRight: (step, node, gradient) => gradient.Statistics.Examples == _examplesOf(step, node));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, ReportEvery);
        Timers.StartPeriodicTimer(nameof(LateCheck), LateCheck.Instance, CheckEvery);
        if (_options.TraceFile is null)
            return;
        _trace = new TraceBatches();
        _checkpointer.Tell(new BeginTrace(new TraceStart(_state.FirstStep, WeightsHash.Of(_weights.Buffer.Span), HashTrained())));
    }

    protected override void PostStop() => _update.Stop();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NodeArrived arrived:
                OnNodeArrived(arrived);
                break;
            case ChangeWorkers change:
                OnChangeWorkers(change);
                break;
            case EndTraining end:
                OnEndTraining(end);
                break;
            case SnapshotBufferFreed freed:
                _freeVelocities.Push(freed.Velocity);
                break;
            case TraceBatchFreed freed:
                _trace?.Return(freed.Batch);
                break;
            case Tick:
                OnTick();
                break;
            case LateCheck:
                OnLateCheck();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnTick()
    {
        HandOverTrace(unlessBusy: true);
        Report();
    }

    private void OnNodeArrived(NodeArrived arrived)
    {
        // Once it is taken, or the gradient free, the link may use the message again.
        (WorkerLink link, long step, TreeNode node, int computeMicroseconds) = (arrived.Link, arrived.Step, arrived.Node, arrived.ComputeMicroseconds);
        link.Taken(arrived.Gradient);
        link.AddComputeTime(step, computeMicroseconds);
        long examples = arrived.Gradient.Statistics.Examples;
        Arrival arrival = _steps.Accept(link.Worker, step, node, arrived.Gradient, TimeSpan.FromMicroseconds(computeMicroseconds), _clock.Elapsed);
        LetGo();
        if (arrival == Arrival.Fresh && _steps.IsComplete && !IsOver)
            CompleteStep();
        else if (arrival == Arrival.Unknown)
            link.Fail($"it sent a gradient of node {node}, which a tree of {_options.Spec.Shards} shards does not have");
        else if (arrival == Arrival.Wrong)
            link.Fail($"it sent a gradient of {examples:N0} examples for node {node} of step {step:N0}, which has {_examplesOf(step, node):N0}");
    }

    private void OnChangeWorkers(ChangeWorkers change)
    {
        _links = change.Links;
        IReadOnlyList<Reissue> reissues = _steps.ChangeWorkers(change.Workers);
        LetGo();
        if (IsOver)
            return;
        if (!_clock.IsRunning)
        {
            _clock.Start();
            if (_steps.Step >= _options.Spec.TotalSteps)
                Finish(failure: null);
            else
                BeginStep();
            return;
        }

        Ask(reissues, ReissueReason.WorkersChanged);
    }

    private void OnLateCheck()
    {
        if (!_clock.IsRunning || IsOver)
            return;
        int strikes = _steps.Strikes;
        Ask(_steps.Overdue(_clock.Elapsed), ReissueReason.Late);
        _meter.Late(_steps.Strikes - strikes);
        Ask(_steps.Probe(_clock.Elapsed), ReissueReason.Probe);
    }

    private void Ask(IReadOnlyList<Reissue> reissues, ReissueReason reason)
    {
        _meter.Reissued(reissues, reason);
        foreach (Reissue reissue in reissues)
            _links[reissue.Worker].PostReissue(_weights, reissue.Nodes);
    }

    private void LetGo()
    {
        IReadOnlyList<WorkerId> free = _steps.Release();
        for (int i = 0; i < free.Count; i++)
            _links[free[i]].PostBye("It owes nothing.");
    }

    private void OnEndTraining(EndTraining end)
    {
        _ending = true;
        if (!end.WaitForStep || !_clock.IsRunning)
            Finish(failure: null);
    }

    private bool IsOver { get; set; }

    private void BeginStep()
    {
        long begun = _meter.Lap(StepPhase.Send, since: 0);
        IReadOnlyList<RosterEntry> entries = _steps.Begin(_clock.Elapsed).Entries;
        for (int i = 0; i < entries.Count; i++)
        {
            RosterEntry entry = entries[i];
            // Weights cost more than anything else that is sent: who stands by gets them with the first node that it is asked for.
            if (entry.Nodes.Count > 0)
                _links[entry.Worker].PostWork(_weights, entry.Nodes);
        }

        _workSent = _meter.Lap(StepPhase.Send, begun);
    }

    private void CompleteStep()
    {
        long complete = _meter.Lap(StepPhase.Gradients, _workSent);
        BatchPosition batch = BatchPosition.Of(_options.Spec, _steps.Step);
        NodeGradient sum = _steps.Complete();
        WeightsVersion updated = _weightsPool.Successor(_weights, _steps.Step);
        _update.Apply(batch, sum, _weights.Buffer, updated.Buffer);
        _meter.Lap(StepPhase.Update, complete);
        if (updated != _weights)
            _weights.Release();
        _weights = updated;
        _unreported += sum.Statistics;
        _examples += batch.Count;
        _meter.StepCompleted(_steps.Step, batch.Count);
        NodeStatistics statistics = sum.Statistics;
        double loss = statistics.LossSum;
        _gradients.Return(sum);

        if (!double.IsFinite(loss))
        {
            Finish($"Training diverged: the loss of step {batch.Step} is {loss}. Start again with a lower --learning-rate or a warm-up, such as --lr-schedule constant+warmup:500.");
            return;
        }

        if (_options.ReportSteps)
            _coordinator.Tell(new StepDone(_steps.Step, statistics));
        StepEnd end = _ends.After(_steps.Step, _ending);
        // Workers compute the next step while this thread does what is left of this one.
        if (!end.EndsTraining)
            BeginStep();
        Trace();
        if (end.RecordsMetrics)
            RecordMetrics(batch);
        if (end.SavesSnapshot)
            SaveSnapshot(isFinal: false);
        if (end.EndsTraining)
            Finish(failure: null);
    }

    private UInt128 HashTrained() => WeightsHash.Of(_weights.Buffer.Span[.._state.Layout.TrainableLength]);

    private void Trace()
    {
        if (_trace is null)
            return;
        var step = new TracedStep(_steps.Step, HashTrained());
        if (_trace.TryAdd(step))
            return;
        HandOverTrace();
        if (_trace.TryAdd(step))
            return;
        _coordinator.Tell(new TraceTroubled($"The trace {_options.TraceFile} ends before step {_steps.Step:N0}: the disk has been busy for too long."));
        _trace = null;
    }

    private void HandOverTrace(bool unlessBusy = false)
    {
        if (_trace?.Take(unlessBusy) is { } batch)
            _checkpointer.Tell(new AppendTrace(batch));
    }

    private void RecordMetrics(BatchPosition batch)
    {
        TimeSpan now = _clock.Elapsed;
        double seconds = Math.Max((now - _lastRow.Time).TotalSeconds, 1e-9);
        var partial = new MetricsRow(
            _steps.Step,
            (double)_steps.Step / _options.Spec.StepsPerEpoch,
            _unreported.LossSum / _unreported.Examples,
            (double)_unreported.Correct / _unreported.Examples,
            ValidationLoss: double.NaN,
            ValidationAccuracy: double.NaN,
            _update.LearningRate(batch.Step),
            (_examples - _lastRow.Examples) / seconds,
            now.TotalSeconds);
        _lastRow = (_examples, now);
        _unreported = default;
        _evaluator.Tell(new EvaluateMetrics(_weights.Hold(), partial));
    }

    private void SaveSnapshot(bool isFinal)
    {
        AlignedBuffer? velocity = null;
        if (_update.Velocity.Length > 0)
        {
            if (!_freeVelocities.TryPop(out velocity))
            {
                if (_velocityCopies >= MaxVelocityCopies && !isFinal)
                {
                    _coordinator.Tell(new SnapshotFailed(_steps.Step, "the disk is still busy with the checkpoints before it", IsFinal: false));
                    return;
                }

                velocity = new AlignedBuffer(_update.Velocity.Length);
                _velocityCopies++;
            }

            _update.Velocity.CopyTo(velocity.Span);
        }

        HandOverTrace();
        _checkpointer.Tell(new SaveSnapshot(_weights.Hold(), velocity, _unreported, isFinal));
    }

    private void Finish(string? failure)
    {
        if (IsOver)
            return;
        IsOver = true;
        _clock.Stop();
        Timers.CancelAll();
        HandOverTrace();
        Report();
        bool isSaving = failure is null && _steps.Step > _state.FirstStep;
        if (isSaving)
            SaveSnapshot(isFinal: true);
        _coordinator.Tell(new TrainingEnded(_steps.Step, _weights.Hold(), _examples, _clock.Elapsed.TotalSeconds, isSaving, failure));
    }

    private void Report()
    {
        if (_clock.ElapsedTicks > 0)
            _coordinator.Tell(new StepReport(_steps.Step, _unreported, _rate.Update(_clock.Elapsed, _examples), _steps.Roster));
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed record LateCheck
    {
        public static readonly LateCheck Instance = new();
    }
}
