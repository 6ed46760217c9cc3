using Lockstep.Cli.Predictions;

namespace Lockstep.Cli.Tests.Predictions;

public class SeenImageTests
{
    [Theory]
    [InlineData(0, " . :")]
    [InlineData(1, " ░ ░")]
    public void Lines_WithoutColours_ShadeTwoRowsTogether(int shading, string expected)
    {
        // Averages 0, 1 (which must show), 0 and 40.
        byte[] pixels = [0, 2, 0, 80, 0, 0, 0, 0];

        Assert.Equal([expected.Replace(':', shading == 0 ? ':' : '░')], SeenImage.Lines(pixels, 4, (Shading)shading));
    }

    [Fact]
    public void Lines_FullLight_IsTheLastOfEachRamp()
    {
        byte[] pixels = [255, 255];

        Assert.Equal(["@"], SeenImage.Lines(pixels, 1, Shading.Ascii));
        Assert.Equal(["█"], SeenImage.Lines(pixels, 1, Shading.Blocks));
        Assert.Equal(["\e[38;5;255;48;5;255m▀\e[0m"], SeenImage.Lines(pixels, 1, Shading.Greys));
    }

    [Fact]
    public void Lines_OddNumberOfRows_EndsWithAHalfLine()
    {
        IReadOnlyList<string> lines = SeenImage.Lines(new byte[3 * 5], 5, Shading.Ascii);

        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Equal(5, line.Length));
    }
}
