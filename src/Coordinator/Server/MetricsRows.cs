using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// The lines of metrics: sums up what the steps give, and has the weights evaluated when a line is due. The evaluator holds the weights of
/// at most <see cref="MaxUnderWay"/> lines. A line that is due then waits for one of them, and training waits with it: no line is left out.
/// </summary>
/// <param name="spec">The run.</param>
/// <param name="unreported">What the steps since the last line gave, before this part of the run.</param>
/// <param name="mailboxes">The evaluator, and where it answers.</param>
internal sealed class MetricsRows(RunSpec spec, NodeStatistics unreported, ParameterServerMailboxes mailboxes)
{
    /// <summary>Evaluations that hold weights at a time, at most.</summary>
    public const int MaxUnderWay = 2;

    private (long Examples, TimeSpan Time) _last;
    private MetricsRow? _due;
    private int _underWay;

    /// <summary>What the steps since the last line gave.</summary>
    public NodeStatistics Unreported { get; private set; } = unreported;

    /// <summary>Examples of all steps.</summary>
    public long Examples { get; private set; }

    /// <summary>A line is due, and the evaluator has enough to do: the next step must not begin.</summary>
    public bool MustWait => _due is not null && _underWay == MaxUnderWay;

    /// <summary>Whether the evaluator has lines to complete.</summary>
    public bool AreUnderWay => _underWay > 0;

    /// <summary>A step is done.</summary>
    public void Add(NodeStatistics statistics, int examples)
    {
        Unreported += statistics;
        Examples += examples;
    }

    /// <summary>A line is due.</summary>
    /// <param name="step">Completed steps.</param>
    /// <param name="learningRate">Rate of the last of them.</param>
    /// <param name="now">Time since the first batch went out.</param>
    public void End(long step, double learningRate, TimeSpan now)
    {
        double seconds = Math.Max((now - _last.Time).TotalSeconds, 1e-9);
        _due = new MetricsRow(
            step,
            (double)step / spec.StepsPerEpoch,
            Unreported.LossSum / Unreported.Examples,
            (double)Unreported.Correct / Unreported.Examples,
            ValidationLoss: double.NaN,
            ValidationAccuracy: double.NaN,
            learningRate,
            (Examples - _last.Examples) / seconds,
            now.TotalSeconds);
        _last = (Examples, now);
        Unreported = default;
    }

    /// <summary>Has the weights evaluated for the line that is due, if one is and the evaluator has room.</summary>
    /// <param name="weights">The weights after the last step, which nobody has changed since the line was due.</param>
    public void Evaluate(WeightsVersion weights)
    {
        if (_due is null || MustWait)
            return;
        _underWay++;
        mailboxes.Evaluator.Tell(new EvaluateMetrics(weights.Hold(), _due, mailboxes.Self));
        _due = null;
    }

    /// <summary>The evaluator has let go of the weights of a line.</summary>
    public void Evaluated() => _underWay--;
}
