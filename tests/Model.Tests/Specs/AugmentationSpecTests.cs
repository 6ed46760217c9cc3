using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class AugmentationSpecTests
{
    [Theory]
    [InlineData("shift:2,rotate:10", "shift:2,rotate:10")]
    [InlineData(
        " cutout : 6 , elastic:1.50,flip, vflip:0.25,noise:0.05,scale:0.1 ", "scale:0.1,elastic:1.5,flip,vflip:0.25,noise:0.05,cutout:6")]
    [InlineData("flip:0.5", "flip")]
    [InlineData("shift:0,rotate:1e-3,scale:-0", "rotate:0.001")]
    [InlineData("digits", "shift:2,rotate:10,scale:0.1,elastic:4")]
    public void Parse_Text_IsWrittenInOneForm(string text, string expected)
    {
        var spec = AugmentationSpec.Parse(text);
        Assert.Equal(expected, spec.ToString());
        Assert.Equal(spec, AugmentationSpec.Parse(expected));
        Assert.Empty(spec.Validate());
    }

    [Theory]
    [InlineData("", "nothing between two commas")]
    [InlineData("shift:2,", "nothing between two commas")]
    [InlineData("rotate=10", "'rotate=10' has its strength after '=', expected a colon: 'rotate:10'.")]
    [InlineData("shfit:2", "there is no 'shfit'; did you mean shift?")]
    [InlineData("zoom:2", "there is no 'zoom'")]
    [InlineData("crop:4", "a random crop of the padded image is a shift by as many pixels, such as shift:4")]
    [InlineData("shift", "shift has no strength: give pixels, a whole number from 0 to 128, after a colon")]
    [InlineData("rotate:ten", "the strength of rotate is not a number; it counts degrees")]
    [InlineData("rotate:", "the strength of rotate is not a number")]
    [InlineData("rotate:1:2", "the strength of rotate is not a number")]
    [InlineData("rotate:180.1", "the strength of rotate, which counts degrees, is not a number from 0 to 180")]
    [InlineData("rotate:-1", "is not a number from 0 to 180")]
    [InlineData("rotate:NaN", "is not a number from 0 to 180")]
    [InlineData("shift:1.5", "the strength of shift, which counts pixels, is not a whole number from 0 to 128")]
    [InlineData("shift:129", "is not a whole number from 0 to 128")]
    [InlineData("scale:1", "is not a number from 0 to 0.9")]
    [InlineData("elastic:65", "is not a number from 0 to 64")]
    [InlineData("flip:2", "is not a number from 0 to 1")]
    [InlineData("noise:1.1", "is not a number from 0 to 1")]
    [InlineData("cutout:257", "is not a whole number from 0 to 256")]
    [InlineData("flip,rotate:3,flip:1", "flip occurs twice")]
    [InlineData("shift:0,flip:0", "all strengths are 0")]
    [InlineData("digits,flip", "digits stands alone")]
    public void Parse_SomethingElse_IsRefusedWithTheReason(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => AugmentationSpec.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_EveryKind_SetsItsOwnStrength()
    {
        var spec = new AugmentationSpec
        {
            Shift = 1, Rotate = 2, Scale = 0.3, Elastic = 4, Flip = 0.6, VerticalFlip = 0.7, Noise = 0.8, Cutout = 9,
        };
        Assert.Equal(spec, AugmentationSpec.Parse("shift:1,rotate:2,scale:0.3,elastic:4,flip:0.6,vflip:0.7,noise:0.8,cutout:9"));
        Assert.Equal(spec, AugmentationSpec.Parse(spec.ToString()));
    }
}
