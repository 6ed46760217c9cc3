using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// Accumulates the metrics of steps, and has the weights evaluated when a row is due. The evaluator holds the weights of at most
/// <see cref="MaxUnderWay"/> rows. A row that is due beyond that waits, and training waits with it: no row is skipped.
/// </summary>
/// <param name="spec">The run.</param>
/// <param name="unreported">Statistics of steps since the last row, from before this part of the run.</param>
/// <param name="mailboxes">The evaluator, and the mailbox for its answer.</param>
internal sealed class MetricsRows(RunSpec spec, NodeStatistics unreported, ParameterServerMailboxes mailboxes)
{
    /// <summary>Maximum evaluations that hold weights at one time.</summary>
    public const int MaxUnderWay = 2;

    private (long Examples, TimeSpan Time) _last;
    private MetricsRow? _due;
    private int _underWay;

    /// <summary>Statistics since the last row.</summary>
    public NodeStatistics Unreported { get; private set; } = unreported;

    /// <summary>Examples of all steps.</summary>
    public long Examples { get; private set; }

    /// <summary>Whether the next step must wait, because a row is due and the evaluator is busy.</summary>
    public bool MustWait => _due is not null && _underWay == MaxUnderWay;

    /// <summary>Whether the evaluator has rows to complete.</summary>
    public bool AreUnderWay => _underWay > 0;

    /// <summary>Adds the statistics of a step.</summary>
    public void Add(NodeStatistics statistics, int examples)
    {
        Unreported += statistics;
        Examples += examples;
    }

    /// <summary>Closes a row.</summary>
    /// <param name="step">Completed steps.</param>
    /// <param name="learningRate">Learning rate of the last step.</param>
    /// <param name="now">Time since the first batch was sent.</param>
    public void End(long step, double learningRate, TimeSpan now)
    {
        TrainingScore score = TrainingScore.Of(spec, Unreported);
        double seconds = Math.Max((now - _last.Time).TotalSeconds, 1e-9);
        _due = new MetricsRow(
            step,
            (double)step / spec.StepsPerEpoch,
            score.Loss,
            score.Accuracy,
            ValidationLoss: double.NaN,
            ValidationAccuracy: double.NaN,
            learningRate,
            (Examples - _last.Examples) / seconds,
            now.TotalSeconds)
        {
            TrainR2 = score.R2,
        };
        _last = (Examples, now);
        Unreported = default;
    }

    /// <summary>Sends the weights to the evaluator, if a row is due and the evaluator has room.</summary>
    /// <param name="weights">The weights after the last step, unchanged since the row was due.</param>
    public void Evaluate(WeightsVersion weights)
    {
        if (_due is null || MustWait)
            return;
        _underWay++;
        mailboxes.Evaluator.Tell(new EvaluateMetrics(weights.Hold(), _due, mailboxes.Self));
        _due = null;
    }

    /// <summary>The evaluator has released the weights of a row.</summary>
    public void Evaluated() => _underWay--;
}
