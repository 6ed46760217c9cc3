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
        : base(summary.Result.Message ?? "The training failed.") => (Summary, Model) = (summary, model);

    /// <summary>How the run ended; null where this process was a worker.</summary>
    public RunSummary? Summary { get; }

    /// <summary>The model as it was saved last; null where nothing was.</summary>
    public TrainedModel? Model { get; }
}
