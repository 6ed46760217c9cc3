using Lockstep.Runs;

namespace Lockstep.Lockstep.Tests.Runs;

public class CadenceTests
{
    [Theory]
    [InlineData("500", 500)]
    [InlineData("500steps", 500)]
    [InlineData("1step", 1)]
    [InlineData("1epoch", 430)]
    [InlineData("2 epochs", 860)]
    [InlineData("0", 0)]
    [InlineData("0epochs", 0)]
    public void Steps_Legal_CountsSteps(string text, long expected) =>
        Assert.Equal(expected, Cadence.Parse(text).Steps(stepsPerEpoch: 430));

    [Theory]
    [InlineData("")]
    [InlineData("epoch")]
    [InlineData("-1")]
    [InlineData("1.5epochs")]
    [InlineData("3weeks")]
    [InlineData("9999999999")]
    public void Parse_Illegal_IsRefused(string text) => _ = Assert.Throws<FormatException>(() => Cadence.Parse(text));

    [Theory]
    [InlineData("1epoch")]
    [InlineData("2epochs")]
    [InlineData("500steps")]
    [InlineData("0")]
    public void ToString_Parsed_IsTheSameAgain(string text) => Assert.Equal(text, Cadence.Parse(text).ToString());
}
