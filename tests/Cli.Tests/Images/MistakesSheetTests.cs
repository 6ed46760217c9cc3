using Lockstep.Cli.Images;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Images;

public sealed class MistakesSheetTests
{
    private const int Gap = 14;

    [Theory]
    [InlineData("7", "9")]
    [InlineData("triangle", "MMMMMMMM")]
    [InlineData("a_name_of_far_more_than_thirty_letters", "chrysanthemum")]
    public void Draw_NamesOfAnyLength_StayInTheirCell(string label, string answer)
    {
        var images = ImageSet.FromDense(new byte[32], [0, 0], 4, 4);
        Mistake[] mistakes = [new(0, 0, 1, 0.25f, 0.75f), new(1, 0, 1, 0.25f, 0.75f)];

        using var sheet = SKBitmap.Decode(MistakesSheet.Draw(images, mistakes, number => number == 0 ? label : answer));

        // Between the two cells, and right of the second one.
        int pitch = (sheet.Width - Gap) / 2;
        Assert.All([pitch, sheet.Width - Gap], left => Assert.All(
            Enumerable.Range(left, Gap).SelectMany(x => Enumerable.Range(0, sheet.Height), (x, y) => sheet.GetPixel(x, y)),
            pixel => Assert.Equal(sheet.GetPixel(0, 0), pixel)));
    }
}
