using Lockstep.Networks;
using Lockstep.Runs;

namespace Lockstep.Training;

/// <summary>A training, or a worker's part of it, failed. The message is a paragraph for people: what happened and what to do.</summary>
public sealed class TrainingException : Exception
{
    internal TrainingException(string message)
        : base(message)
    {
    }

    internal TrainingException(RunSummary summary, TrainedModel? model)
        : base(MessageOf(summary)) => (Summary, Model) = (summary, model);

    /// <summary>How the run ended; null where this process was a worker.</summary>
    public RunSummary? Summary { get; }

    /// <summary>
    /// The model that was saved last; null for none. After a divergence the last one with finite weights and a finite loss, for
    /// <see cref="TrainerOptions.InitFrom"/> of another training; this one, resumed, would diverge again.
    /// </summary>
    public TrainedModel? Model { get; }

    private static string MessageOf(RunSummary summary)
    {
        string message = summary.Result.Message ?? "The training failed.";
        return summary.Result.LastFiniteStep is null ? message
            : $"{message} A training that is resumed diverges again in the same step. "
                + "Start another one with a lower learning rate or a warm-up, and "
                + $"with {nameof(TrainerOptions.InitFrom)} the model of this exception, if there is one.";
    }
}
