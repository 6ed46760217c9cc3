using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class NameGlobsTests
{
    [Theory]
    [InlineData("layer0/*", "layer0/weights", true)]
    [InlineData("layer0/*", "layer10/weights", false)]
    [InlineData("*/biases", "a/b/biases", true)]
    [InlineData("layer?/weights", "layer1/weights", true)]
    [InlineData("layer?/weights", "layer10/weights", false)]
    [InlineData("a, b", "b", true)]
    [InlineData("Layer0/*", "layer0/weights", false)]
    [InlineData("layer0", "layer0/weights", false)]
    public void Match_Pattern_IsTheWholeName(string patterns, string name, bool expected) =>
        Assert.Equal(expected, NameGlobs.Parse(patterns).Match(name));

    [Fact]
    public void Useless_PatternsThatMatchNothing_AreNamed() =>
        Assert.Equal(["layr0/*", "c"], NameGlobs.Parse("layer0/*,layr0/*,c").Useless(["layer0/weights", "d"]));

    [Theory]
    [InlineData("")]
    [InlineData("a,,b")]
    public void Parse_EmptyPattern_IsRefused(string text) => Assert.Throws<FormatException>(() => NameGlobs.Parse(text));
}
