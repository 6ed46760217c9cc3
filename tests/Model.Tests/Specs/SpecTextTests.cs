using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class SpecTextTests
{
    [Theory]
    [InlineData("constant")]
    [InlineData("constant+warmup:100")]
    [InlineData("step:10:0.5")]
    [InlineData("step:1:1+warmup:3")]
    [InlineData("cosine")]
    [InlineData("cosine:0.05")]
    [InlineData("cosine:1+warmup:500")]
    public void ScheduleParse_Text_RoundTrips(string text)
    {
        LearningRateSchedule schedule = LearningRateSchedule.Parse(text);
        Assert.Equal(text, schedule.ToString());
        Assert.Equal(schedule, LearningRateSchedule.Parse(schedule.ToString()));
    }

    [Theory]
    [InlineData("", "expected constant")]
    [InlineData("linear", "'linear' is not a schedule; expected constant")]
    [InlineData("constant:1", "expected constant")]
    [InlineData("step", "expected constant")]
    [InlineData("step:0:0.5", "epochs between drops are '0'")]
    [InlineData("step:x:0.5", "epochs between drops are 'x'")]
    [InlineData("step:2:0", "factor is '0'")]
    [InlineData("step:2:1.5", "factor is '1.5'")]
    [InlineData("step:2:nan", "factor is 'nan'")]
    [InlineData("step:2:half", "factor is 'half'; expected a number")]
    [InlineData("cosine:-0.1", "final share is '-0.1'")]
    [InlineData("cosine+warmup", "expected warmup:STEPS")]
    [InlineData("cosine+warmup:-1", "warm-up steps are '-1'")]
    [InlineData("cosine+cooldown:5", "'cooldown:5'")]
    public void ScheduleParse_Mistake_SaysWhatWasGotAndExpected(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => LearningRateSchedule.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("zeros", "zeros")]
    [InlineData("constant(0.1)", "constant(0.1)")]
    [InlineData("random_normal(0,0.02)", "random_normal(0, 0.02)")]
    [InlineData(" truncated_normal ( -1 , 1e-05 ) ", "truncated_normal(-1, 1E-05)")]
    [InlineData("uniform(-0.5, 0.25)", "uniform(-0.5, 0.25)")]
    [InlineData("xavier", "xavier")]
    [InlineData("he", "he")]
    public void InitializerParse_Text_RoundTrips(string text, string expected)
    {
        Initializer initializer = Initializer.Parse(text);
        Assert.Equal(expected, initializer.ToString());
        Assert.Equal(initializer, Initializer.Parse(expected));
    }

    [Theory]
    [InlineData("glorot", "'glorot' is not an initialiser; expected zeros")]
    [InlineData("he(0.1)", "he takes 0 numbers, not 1")]
    [InlineData("random_normal(0)", "random_normal takes 2 numbers, not 1")]
    [InlineData("random_normal(0, 0)", "standard deviation is 0; expected a number greater than 0")]
    [InlineData("random_normal(0, x)", "'x' is not a number")]
    [InlineData("truncated_normal(, 1)", "'' is not a number")]
    [InlineData("uniform(1, -1)", "lower bound is 1, the upper -1")]
    [InlineData("constant(1e999)", "not finite")]
    [InlineData("constant(1", "is not an initialiser")]
    public void InitializerParse_Mistake_SaysWhatWasGotAndExpected(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Initializer.Parse(text)).Message, StringComparison.Ordinal);
}
