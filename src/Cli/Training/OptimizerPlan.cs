using Lockstep.Cli.Options;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Makes the optimizer out of the options.</summary>
internal static class OptimizerPlan
{
    private static readonly ICliOption[] OfSgd = [OptimizerOptions.Momentum, OptimizerOptions.Nesterov];
    private static readonly ICliOption[] OfAdam = [OptimizerOptions.Beta1, OptimizerOptions.Beta2, OptimizerOptions.Epsilon];

    /// <summary>Options that mean nothing to an optimizer.</summary>
    public static IReadOnlyList<ICliOption> Meaningless(string optimizer) => optimizer switch
    {
        SgdSpec.Kind => [.. OfAdam, OptimizerOptions.WeightDecay],
        AdamWSpec.KindWithoutDecay => [.. OfSgd, OptimizerOptions.WeightDecay],
        _ => OfSgd,
    };

    /// <summary>The optimizer.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="data">What is trained on, where that is known; it decides on the learning rate unless that is given.</param>
    /// <exception cref="RequestException">An option is given that means nothing to it.</exception>
    public static OptimizerSpec Build(Settings settings, Dataset? data = null)
    {
        var problems = new Problems();
        string name = settings.Get(OptimizerOptions.Optimizer);
        foreach (ICliOption option in Meaningless(name).Where(settings.IsGiven))
        {
            problems.Add($"{option.Name} means nothing to {OptimizerOptions.Optimizer.Name} {name}; leave it out, or give another "
                + $"{OptimizerOptions.Optimizer.Name}."
                + (option == OptimizerOptions.WeightDecay ? $" What others call so may be {OptimizerOptions.L2.Name} here." : ""));
        }

        problems.ThrowIfAny();
        bool isGiven = settings.IsGiven(OptimizerOptions.LearningRate);
        double rate = isGiven || data is null ? settings.Get(OptimizerOptions.LearningRate) : TrainerOptions.For(data).LearningRate;
        LearningRateSchedule schedule = settings.Get(OptimizerOptions.Schedule);
        double l2 = settings.Get(OptimizerOptions.L2);
        double? clipNorm = settings.FindValue(OptimizerOptions.ClipNorm);
        if (name == SgdSpec.Kind)
        {
            return new SgdSpec
            {
                LearningRate = rate,
                Schedule = schedule,
                Momentum = settings.Get(OptimizerOptions.Momentum),
                IsNesterov = settings.Get(OptimizerOptions.Nesterov),
                L2 = l2,
                ClipNorm = clipNorm,
            };
        }

        return new AdamWSpec
        {
            LearningRate = isGiven ? rate : AdamWSpec.CommonLearningRate,
            Schedule = schedule,
            L2 = l2,
            Beta1 = settings.Get(OptimizerOptions.Beta1),
            Beta2 = settings.Get(OptimizerOptions.Beta2),
            Epsilon = settings.Get(OptimizerOptions.Epsilon),
            WeightDecay = name == AdamWSpec.Kind ? settings.Get(OptimizerOptions.WeightDecay) : 0.0,
            ClipNorm = clipNorm,
        };
    }
}
