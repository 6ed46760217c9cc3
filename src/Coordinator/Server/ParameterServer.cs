using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// Owns the weights, the optimizer state and the reduction tree of the current step. Receives gradients from the worker links, and the list
/// of participants from the coordinator. Sends work to the links, snapshots and each step's hash to the checkpointer, weights to the
/// evaluator, and reports to the coordinator. Handles one message at a time and never blocks. What holds weights is bounded:
/// <see cref="MetricsRows"/>, <see cref="Snapshots"/>, and two versions a link.
/// </summary>
internal sealed class ParameterServer
{
    /// <summary>Expected interval of <see cref="Tick"/>.</summary>
    public static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Expected interval of <see cref="LateCheck"/>.</summary>
    public static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(20);

    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly RunMeter _meter;
    private readonly TimeProvider _time;
    private readonly ParameterServerMailboxes _mailboxes;
    private readonly StepDecisions<NodeGradient> _steps;
    private readonly Func<long, TreeNode, int> _examplesOf;
    private readonly StepEnds _ends;
    private readonly ValidationDecisions _decisions;
    private readonly WeightsUpdate _update;
    private readonly WeightsPool _weightsPool;
    private readonly GradientPool _gradients;
    private readonly MetricsRows _rows;
    private readonly Snapshots _snapshots;
    private readonly ServerTrace _trace;
    private readonly StepRequests _requests;
    private readonly RateMeter _rate = new();
    private WeightsVersion _weights;
    private long? _began;
    private long _workSent;
    private TrainingEnded? _ended;
    private StepEnd _end;
    private bool _isWaiting;
    private bool _isUndecided;
    private bool _ending;

    public ParameterServer(
        TrainingOptions options, RunState state, RunMeter meter, GradientPool gradients, TimeProvider time,
        ParameterServerMailboxes mailboxes, Pace? pace = null)
    {
        _options = options;
        _state = state;
        _meter = meter;
        _gradients = gradients;
        _time = time;
        _mailboxes = mailboxes;
        _ends = new StepEnds(options.Spec.TotalSteps, options.EvaluateEverySteps, options.CheckpointEverySteps);
        _decisions = new ValidationDecisions(options.Spec.Stop, state.Stopping, options.KeepBest, options.Best);
        _update = new WeightsUpdate(options.Spec, state.Layout);
        float[] initial = new float[state.Layout.Length];
        _rows = new MetricsRows(options.Spec, state.Initialize(initial, _update.State), mailboxes);
        _trace = new ServerTrace(options, state, mailboxes);
        _snapshots = new Snapshots(mailboxes, time, beforeSaving: () => _trace.HandOver());
        _weightsPool = new WeightsPool(
            state.Layout, initial,
            options.SharesMemory ? SharedMemory.TryCreate(WeightsPool.CommonlyHeld, state.Layout.Length, othersWrite: false) : null);
        _weights = _weightsPool.Rent(state.FirstStep);
        var tree = new ReductionTree(options.Spec.Shards);
        _examplesOf = (step, node) => BatchPosition.Of(options.Spec, step).ExamplesOf(node, tree);
        _steps = new StepDecisions<NodeGradient>(
            tree, state.FirstStep, gradients.Add, gradients.Return, pace,
            (step, node, gradient) => gradient.Statistics.Examples == _examplesOf(step, node));
        _requests = new StepRequests(
            _steps, new SlicedSteps(options, state, gradients.Slices), gradients, meter, mailboxes.Coordinator);
    }

    /// <summary>
    /// Whether all steps are done. It still receives answers and late gradients, but needs no <see cref="Tick"/> or
    /// <see cref="LateCheck"/>.
    /// </summary>
    public bool IsOver { get; private set; }

    /// <summary>Completed steps.</summary>
    public long Step => _steps.Step;

    /// <summary>Whether the step under way is made in slices.</summary>
    public bool IsSliced => _requests.IsSliced;

    /// <summary>Weights after the last step; the next step changes them.</summary>
    public ReadOnlySpan<float> Weights => _weights.Buffer.Span;

    /// <summary>Optimizer state after the last step; the next step changes it.</summary>
    public ReadOnlySpan<float> OptimizerState => _update.State;

    /// <summary>Versions of the weights in use, this class's own included.</summary>
    public int WeightsHeld => _weightsPool.Held;

    /// <summary>Begins the trace, if there is one. Training begins with the first workers.</summary>
    public void Start() => _trace.Begin(_weights.Buffer.Span);

    /// <summary>Ends the helper thread of the updates.</summary>
    public void Stop() => _update.Stop();

    /// <summary>Handles a message; ignores unknown ones.</summary>
    public void Receive(object message)
    {
        switch (message)
        {
            case NodeArrived arrived:
                OnNodeArrived(arrived);
                break;
            case SumArrived sum:
                OnSumArrived(sum);
                break;
            case StepTimed timed:
                _requests.Timed(timed.Worker, timed.Step, timed.Microseconds);
                break;
            case SliceReachable reachable:
                _requests.OnReachable(reachable);
                break;
            case SliceLinksChanged changed:
                _requests.OnLinksChanged(changed, _weights, Now);
                break;
            case ChangeWorkers change:
                OnChangeWorkers(change);
                break;
            case EndTraining end:
                OnEndTraining(end);
                break;
            case EvaluationDone done:
                OnEvaluationDone(done);
                break;
            case SnapshotDone done:
                _snapshots.Saved(done.State);
                break;
            case TraceBatchFreed freed:
                _trace.Return(freed.Batch);
                break;
            case Tick:
                OnTick();
                break;
            case LateCheck:
                OnLateCheck();
                break;
        }
    }

    /// <summary>Whether the run has no more steps.</summary>
    private bool IsComplete => _steps.Step >= _options.Spec.TotalSteps || _decisions.StopReason is not null;

    private TimeSpan Now => _began is { } began ? _time.GetElapsedTime(began) : TimeSpan.Zero;

    private void OnNodeArrived(NodeArrived arrived)
    {
        // Once the gradient is released or taken, its message may be reused.
        (WorkerLink link, long step, TreeNode node, int computeMicroseconds) =
            (arrived.Link, arrived.Step, arrived.Node, arrived.ComputeMicroseconds);
        link.AddComputeTime(step, computeMicroseconds);
        long examples = arrived.Gradient.Statistics.Examples;
        Arrival arrival = _steps.Accept(link.Worker, step, node, arrived.Gradient, TimeSpan.FromMicroseconds(computeMicroseconds), Now);
        // After <c>Accept</c>, because another gradient may wait for the slot; before the next step, which reuses the slot.
        link.Taken(arrived.Gradient);
        _requests.LetGo();
        if (arrival == Arrival.Fresh && _steps.IsComplete && !IsOver)
            CompleteStep();
        else if (arrival == Arrival.Unknown)
            link.Fail($"it sent a gradient of node {node}, which a tree of {_options.Spec.Shards} shards does not have");
        else if (arrival == Arrival.Wrong)
            link.Fail(
                $"it sent a gradient of {examples:N0} examples for node {node} of step {step:N0}, which has {_examplesOf(step, node):N0}");
    }

    private void OnSumArrived(SumArrived sum)
    {
        Arrival arrival = _requests.Accept(sum, _weights, Now);
        _requests.LetGo();
        if (arrival == Arrival.Fresh && _steps.IsComplete && !IsOver)
            CompleteStep();
    }

    private void OnChangeWorkers(ChangeWorkers change)
    {
        _requests.Follow(change);
        if (IsOver)
            return;
        if (_began is null)
        {
            _began = _time.GetTimestamp();
            if (IsComplete)
                Finish(failure: null);
            else
                BeginStep();
            return;
        }

        _requests.Repair(_weights);
    }

    private void OnEndTraining(EndTraining end)
    {
        _ending = true;
        if (!_isWaiting && (!end.WaitForStep || _began is null))
            Finish(failure: null);
    }

    private void OnEvaluationDone(EvaluationDone done)
    {
        _rows.Evaluated();
        _rows.Evaluate(_weights);
        if (_isUndecided)
            Decide(done);
        TellEnd();
        if (!_isWaiting || IsOver)
            return;
        _isWaiting = false;
        if (IsComplete || _ending)
            Finish(failure: null);
        else
            BeginStep();
    }

    /// <summary>Takes the result of the current weights into account, for which the next step waits.</summary>
    private void Decide(EvaluationDone done)
    {
        _isUndecided = false;
        if (_decisions.Record(done.Step, done.Result))
            _snapshots.SaveBest(_weights, _update.State, _rows.Unreported, _decisions.State);
        // The last step has a snapshot of its own.
        if (_end.SavesSnapshot && !_ending && !IsComplete)
            Save(isFinal: false);
    }

    private void OnTick()
    {
        _trace.HandOver(unlessBusy: true);
        Report();
    }

    private void OnLateCheck()
    {
        if (_began is null || IsOver)
            return;
        _requests.LookForLate(_weights, Now);
    }

    private void BeginStep()
    {
        long begun = _meter.Lap(StepPhase.Send, since: 0);
        _requests.Begin(_weights, Now);
        _workSent = _meter.Lap(StepPhase.Send, begun);
    }

    private void CompleteStep()
    {
        BatchPosition batch = BatchPosition.Of(_options.Spec, _steps.Step);
        NodeStatistics statistics = Update(batch, out bool isFinite);
        if (DivergenceException.Find(batch.Step, statistics.LossSum, isFinite, _state.Layout, _weights.Buffer.Span) is { } diverged)
        {
            Finish(diverged);
            return;
        }

        if (_options.ReportSteps)
            _mailboxes.Coordinator.Tell(new StepDone(_steps.Step, statistics));
        StepEnd end = _end = _ends.After(_steps.Step, _ending);
        if (end.RecordsMetrics)
            _rows.End(_steps.Step, _update.LearningRate(batch.Step), Now);
        _isUndecided = end.RecordsMetrics && _decisions.AreNeeded;
        _isWaiting = _isUndecided || _rows.MustWait;
        // Does this step's remaining work while the workers compute the next one.
        if (!end.EndsTraining && !_isWaiting)
            BeginStep();
        _trace.Add(_steps.Step, _weights.Buffer.Span);
        _rows.Evaluate(_weights);
        // A checkpoint knows the evaluation of its step.
        if (end.SavesSnapshot && !_isUndecided)
            Save(isFinal: false);
        if (end.EndsTraining && !_isWaiting)
            Finish(failure: null);
    }

    /// <summary>Updates the weights with the sum of the batch.</summary>
    private NodeStatistics Update(BatchPosition batch, out bool isFinite)
    {
        long complete = _meter.Lap(StepPhase.Gradients, _workSent);
        _requests.Complete(Now);
        NodeGradient sum = _steps.Complete();
        WeightsVersion updated = _weightsPool.Successor(_weights, _steps.Step);
        isFinite = _update.Apply(batch, sum, _weights.Buffer, updated.Buffer);
        _meter.Lap(StepPhase.Update, complete);
        if (updated != _weights)
            _weights.Release();
        _weights = updated;
        NodeStatistics statistics = sum.Statistics;
        _rows.Add(statistics, batch.Count);
        _meter.StepCompleted(_steps.Step, batch.Count);
        _gradients.Return(sum);
        return statistics;
    }

    private void Save(bool isFinal) => _snapshots.Save(_weights, _update.State, _rows.Unreported, _decisions.State, isFinal);

    private void Finish(DivergenceException? failure)
    {
        if (IsOver)
            return;
        IsOver = true;
        double seconds = Now.TotalSeconds;
        _trace.HandOver();
        Report();
        bool isSaving = failure is null && _steps.Step > _state.FirstStep;
        if (isSaving)
            Save(isFinal: true);
        _ended = new TrainingEnded(
            _steps.Step, _weights.Hold(), _rows.Examples, seconds, isSaving, failure?.Message, failure?.LastFiniteStep)
        {
            IsComplete = failure is null && IsComplete,
            StopReason = _decisions.StopReason,
            Best = _decisions.Best,
            SlicedSteps = _requests.StepsInSlices,
        };
        TellEnd();
    }

    /// <summary>
    /// Reports the end of training once all rows of metrics are complete, because the process may end right after it. A completed run waits
    /// for one more evaluation anyway.
    /// </summary>
    private void TellEnd()
    {
        if (_ended is null || (_rows.AreUnderWay && !_ended.IsComplete))
            return;
        _mailboxes.Coordinator.Tell(_ended);
        _ended = null;
    }

    private void Report()
    {
        if (_began is not null)
            _mailboxes.Coordinator.Tell(new StepReport(_steps.Step, _rows.Unreported, _rate.Update(Now, _rows.Examples), _steps.Roster));
    }

    /// <summary>Timer -> parameter server, every <see cref="ReportEvery"/>: report.</summary>
    internal sealed record Tick
    {
        public static readonly Tick Instance = new();
    }

    /// <summary>Timer -> parameter server, every <see cref="CheckEvery"/>: check for late workers.</summary>
    internal sealed record LateCheck
    {
        public static readonly LateCheck Instance = new();
    }
}
