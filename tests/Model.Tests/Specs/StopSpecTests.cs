using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class StopSpecTests
{
    [Theory]
    [InlineData("accuracy>=0.98", ValidationMetric.Accuracy, 0.98)]
    [InlineData(" accuracy >= 1 ", ValidationMetric.Accuracy, 1)]
    [InlineData("loss<=1e-3", ValidationMetric.Loss, 0.001)]
    public void ParseTarget_Target_ReadsMetricAndNumber(string text, ValidationMetric metric, double target) =>
        Assert.Equal((metric, target), StopSpec.ParseTarget(text));

    [Theory]
    [InlineData("accuracy", "no >= or <=")]
    [InlineData("accuracy<=0.5", "accuracy has >=")]
    [InlineData("loss>=0.5", "loss has <=")]
    [InlineData("loss<0.5", "loss has <=")]
    [InlineData("speed>=3", "neither accuracy, loss nor r2")]
    [InlineData("accuracy>=98", "from 0 to 1")]
    [InlineData("accuracy>=NaN", "from 0 to 1")]
    [InlineData("loss<=-1", "from 0 to")]
    [InlineData("loss<=", "not a number")]
    public void ParseTarget_SomethingElse_SaysWhat(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => StopSpec.ParseTarget(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void After_EqualAndWorseAndNaN_TheFirstStaysTheBestAndAllAreCounted()
    {
        var rule = new StopSpec { Metric = ValidationMetric.Accuracy, Patience = 3, EverySteps = 10 };

        StopState state = After(rule, 0.5, 0.7, 0.7, double.NaN);

        Assert.Equal(new StopState(0.7, BestStep: 20, SinceBest: 2), state);
        Assert.Null(rule.ReasonIn(state));
        state = state.After(rule, 50, 0.6);
        Assert.Equal("no better validation accuracy for 3 evaluations", rule.ReasonIn(state));
    }

    [Fact]
    public void After_LowerLoss_IsBetter()
    {
        var rule = new StopSpec { Metric = ValidationMetric.Loss, Target = 0.25, EverySteps = 10 };

        Assert.Null(rule.ReasonIn(default));
        Assert.Null(rule.ReasonIn(After(rule, 0.5, 0.3, 0.4)));
        Assert.Equal("the validation loss reached loss<=0.25", rule.ReasonIn(After(rule, 0.5, 0.25)));
    }

    /// <summary>A run that is made longer must not count the evaluation at its former end.</summary>
    [Fact]
    public void After_AStepBetween_DoesNotCount()
    {
        var rule = new StopSpec { Metric = ValidationMetric.Loss, Patience = 1, EverySteps = 10 };
        StopState state = After(rule, 0.5);

        Assert.Equal(state, state.After(rule, 15, 0.1));
    }

    private static StopState After(StopSpec rule, params ReadOnlySpan<double> results)
    {
        StopState state = default;
        for (int i = 0; i < results.Length; i++)
            state = state.After(rule, 10 * (i + 1), results[i]);
        return state;
    }
}
