using Lockstep.Model.Kernels;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// The schedule of a run, in double precision. During a warm-up of n steps: rate · (step + 1) / n. Afterwards constant, or rate ·
/// factor^(epoch / every) with epochs counted from the start of the run, or half a cosine from the rate at the first step after the warm-up
/// to its final share at the last step of the run.
/// </summary>
internal static class LearningRates
{
    /// <summary>The scheduled value of a rate at a step.</summary>
    public static double At(RunSpec spec, double rate, long step)
    {
        LearningRateSchedule schedule = spec.Optimizer.Schedule;
        if (step < schedule.WarmupSteps)
            return rate * ((double)(step + 1) / schedule.WarmupSteps);
        switch (schedule.Kind)
        {
            case ScheduleKind.Step:
                return rate * Power(schedule.Factor, step / spec.StepsPerEpoch / schedule.EveryEpochs);
            case ScheduleKind.Cosine:
                long span = spec.TotalSteps - 1 - schedule.WarmupSteps;
                double progress = span <= 0 ? 1.0 : Math.Min(1.0, (double)(step - schedule.WarmupSteps) / span);
                return rate * (schedule.FinalShare + (1.0 - schedule.FinalShare) * (0.5 + 0.5 * PortableMath.CosPi(progress)));
            default:
                return rate;
        }
    }

    /// <summary>A power by squaring, because Math.Pow differs between platforms.</summary>
    public static double Power(double value, long exponent)
    {
        double result = 1.0;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) != 0)
                result *= value;
        }

        return result;
    }
}
