namespace Lockstep.Model.Specs;

/// <summary>Shape of the learning rate over the run.</summary>
public enum ScheduleKind
{
    /// <summary>The same rate at every step.</summary>
    Constant = 0,

    /// <summary>Multiplied by a factor every so many epochs.</summary>
    Step = 1,

    /// <summary>Half a cosine from the full rate to a final share of it.</summary>
    Cosine = 2,
}

/// <summary>How the learning rate moves over the steps, after an optional linear warm-up.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The shape.</summary>
    public ScheduleKind Kind { get; init; }

    /// <summary><see cref="ScheduleKind.Step"/>: epochs between two drops, ≥ 1.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary><see cref="ScheduleKind.Step"/>: what the rate is multiplied by at a drop, in (0, 1].</summary>
    public double Factor { get; init; } = 1.0;

    /// <summary><see cref="ScheduleKind.Cosine"/>: the last step's rate as a share of the first, in [0, 1].</summary>
    public double FinalShare { get; init; }

    /// <summary>Steps over which the rate rises linearly from 1/n of itself, before the shape applies; 0 is none.</summary>
    public long WarmupSteps { get; init; }
}
