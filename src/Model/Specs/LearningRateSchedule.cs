using System.Globalization;

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

/// <summary>The learning rate over the steps, after an optional linear warm-up.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The shape.</summary>
    public ScheduleKind Kind { get; init; }

    /// <summary><see cref="ScheduleKind.Step"/>: epochs between two drops, ≥ 1.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary><see cref="ScheduleKind.Step"/>: the factor of a drop, in (0, 1].</summary>
    public double Factor { get; init; } = 1.0;

    /// <summary><see cref="ScheduleKind.Cosine"/>: the last step's rate as a share of the first, in [0, 1].</summary>
    public double FinalShare { get; init; }

    /// <summary>Steps of the linear warm-up from 1/n of the rate; 0 for none.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>What <see cref="Parse"/> accepts.</summary>
    public const string Syntax = "constant, step:EVERY_EPOCHS:FACTOR or cosine[:FINAL_SHARE], each optionally followed by +warmup:STEPS";

    /// <summary>
    /// Parses <c>constant</c>, <c>step:EVERY_EPOCHS:FACTOR</c>, <c>cosine</c> or <c>cosine:FINAL_SHARE</c>, each optionally followed by
    /// <c>+warmup:STEPS</c>: <c>step:10:0.5</c> halves the rate every ten epochs, <c>cosine+warmup:500</c> rises for 500 steps and then
    /// falls to 0.
    /// </summary>
    /// <exception cref="FormatException">The text is none of these, or a number is out of range.</exception>
    public static LearningRateSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        string[] shape = (plus < 0 ? text : text[..plus]).Split(':');
        long warmup = 0;
        if (plus >= 0)
        {
            string[] parts = text[(plus + 1)..].Split(':');
            if (parts.Length != 2 || parts[0] != "warmup")
                throw new FormatException($"'{text}' is not a schedule: after '+' is '{text[(plus + 1)..]}'; expected warmup:STEPS.");
            if (!long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out warmup))
                throw new FormatException(
                    $"'{text}' is not a schedule: the warm-up steps are '{parts[1]}'; expected a whole number from 0.");
        }

        switch (shape)
        {
            case ["constant"]:
                return new LearningRateSchedule { WarmupSteps = warmup };
            case ["step", var every, var factor]:
                if (!int.TryParse(every, NumberStyles.None, CultureInfo.InvariantCulture, out int epochs)
                    || !Ranges.EveryEpochs.Contains(epochs))
                    throw new FormatException(
                        $"'{text}' is not a schedule: the epochs between drops are '{every}'; expected {Ranges.EveryEpochs.Words}.");
                double multiplier = Number(text, "factor", factor);
                if (!Ranges.DropFactor.Contains(multiplier))
                    throw new FormatException($"'{text}' is not a schedule: the factor is '{factor}'; expected {Ranges.DropFactor.Words}.");
                return new LearningRateSchedule
                {
                    Kind = ScheduleKind.Step,
                    EveryEpochs = epochs,
                    Factor = multiplier,
                    WarmupSteps = warmup,
                };
            case ["cosine"]:
                return new LearningRateSchedule { Kind = ScheduleKind.Cosine, WarmupSteps = warmup };
            case ["cosine", var final]:
                double share = Number(text, "final share", final);
                if (!Ranges.FinalShare.Contains(share))
                    throw new FormatException(
                        $"'{text}' is not a schedule: the final share is '{final}'; expected {Ranges.FinalShare.Words}.");
                return new LearningRateSchedule { Kind = ScheduleKind.Cosine, FinalShare = share, WarmupSteps = warmup };
            default:
                throw new FormatException($"'{text}' is not a schedule; expected {Syntax}.");
        }
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        string shape = Kind switch
        {
            ScheduleKind.Step => string.Create(CultureInfo.InvariantCulture, $"step:{EveryEpochs}:{Factor}"),
            ScheduleKind.Cosine => FinalShare == 0.0 ? "cosine" : string.Create(CultureInfo.InvariantCulture, $"cosine:{FinalShare}"),
            _ => "constant",
        };
        return WarmupSteps == 0 ? shape : string.Create(CultureInfo.InvariantCulture, $"{shape}+warmup:{WarmupSteps}");
    }

    private static double Number(string text, string what, string number) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new FormatException($"'{text}' is not a schedule: the {what} is '{number}'; expected a number.");
}
