using Lockstep.Cli.Configuration;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Makes the optimizer out of the options.</summary>
internal static class OptimizerPlan
{
    private static readonly OptionDescriptor[] OfSgd = [OptionTable.Momentum];
    private static readonly OptionDescriptor[] OfAdamW = [OptionTable.Beta1, OptionTable.Beta2, OptionTable.Epsilon, OptionTable.WeightDecay];

    /// <summary>Options that mean nothing to an optimizer.</summary>
    public static IReadOnlyList<OptionDescriptor> Meaningless(string optimizer) => optimizer == SgdSpec.Kind ? OfAdamW : OfSgd;

    /// <summary>The optimizer.</summary>
    /// <exception cref="RequestException">An option is given that means nothing to it.</exception>
    public static OptimizerSpec Build(Settings settings)
    {
        var problems = new Problems();
        string name = settings.Get(OptionTable.Optimizer);
        foreach (OptionDescriptor option in Meaningless(name).Where(settings.IsGiven))
            problems.Add($"{option.Name} means nothing to {OptionTable.Optimizer.Name} {name}; leave it out.");
        problems.ThrowIfAny();
        double rate = settings.Get(OptionTable.LearningRate);
        LearningRateSchedule schedule = settings.Get(OptionTable.Schedule);
        double l2 = settings.Get(OptionTable.L2);
        if (name == SgdSpec.Kind)
            return new SgdSpec { LearningRate = rate, Schedule = schedule, Momentum = settings.Get(OptionTable.Momentum), L2 = l2 };
        return new AdamWSpec
        {
            LearningRate = settings.IsGiven(OptionTable.LearningRate) ? rate : AdamWSpec.CommonLearningRate,
            Schedule = schedule,
            L2 = l2,
            Beta1 = settings.Get(OptionTable.Beta1),
            Beta2 = settings.Get(OptionTable.Beta2),
            Epsilon = settings.Get(OptionTable.Epsilon),
            WeightDecay = settings.Get(OptionTable.WeightDecay),
        };
    }
}
