using Lockstep.Cli.Images;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Images;

public sealed class WeightsPictureTests
{
    // One unit on 2 x 2 pixels, of which only the blue of the pixel above right has a weight.
    [Fact]
    public void Draw_WeightsOnRgbPictures_AreColours()
    {
        float[] values = new float[12];
        values[5] = -2;
        NamedTensor weights = new("layer0/weights", [12, 1], values);

        using var picture = SKBitmap.Decode(WeightsPicture.Draw(
            weights, WeightsPicture.FormOf(weights, DataOf(new ImageSpec(2, 2, 3, IsResized: false)))!.Value));

        SKColor[] pixels = [.. new[] { (4, 4), (12, 4), (4, 12), (12, 12) }.Select(at => picture.GetPixel(at.Item1, at.Item2))];
        SKColor grey = new(128, 128, 128);
        Assert.Equal([grey, new SKColor(128, 128, 0), grey, grey], pixels);
    }

    [Fact]
    public void FormOf_Table_IsNoPictureEvenIfSquare() =>
        Assert.Null(WeightsPicture.FormOf(
            new NamedTensor("layer0/weights", [4, 1], new float[4]), DataOf(new TableSpec([new NumberColumn("a", 0, 1)], true))));

    [Fact]
    public void FormOf_CatalogueImages_AreSquareAndGrey() =>
        Assert.Equal(
            new MapForm(28, 28, 1), WeightsPicture.FormOf(new NamedTensor("layer0/weights", [784, 1], new float[784]), DataOf(null)));

    private static DataSpec DataOf(InputSpec? inputs) => new()
    {
        Name = "data", Sha256 = "", TrainingExamples = 1, ValidationExamples = 1,
        Preparation = inputs is null ? null : new Preparation
        {
            Inputs = inputs, Classes = ["a", "b"], Label = null, Split = new SplitSpec(0.1, 0.1, 1),
        },
    };
}
