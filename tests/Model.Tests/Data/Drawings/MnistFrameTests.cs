using Lockstep.Model.Data.Drawings;

namespace Lockstep.Model.Tests.Data.Drawings;

public class MnistFrameTests
{
    [Theory]
    [InlineData(100, 200, 30, 5, 37, 91)]
    [InlineData(300, 300, 10, 10, 280, 70)]
    [InlineData(28, 28, 9, 4, 9, 20)]
    [InlineData(9, 9, 1, 1, 5, 7)]
    [InlineData(400, 50, 0, 49, 400, 1)]
    [InlineData(1, 1, 0, 0, 1, 1)]
    public void Fit_ARectangle_Is20PixelsLongInItsProportionsAndCentred(
        int width, int height, int left, int top, int inkWidth, int inkHeight)
    {
        float[] ink = Rectangle(width, height, left, top, inkWidth, inkHeight);

        byte[] image = MnistFrame.Fit(ink, width, height);

        Assert.Equal(784, image.Length);
        int[] columns = [.. Enumerable.Range(0, 28).Where(x => Enumerable.Range(0, 28).Any(y => image[y * 28 + x] > 0))];
        int[] rows = [.. Enumerable.Range(0, 28).Where(y => Enumerable.Range(0, 28).Any(x => image[y * 28 + x] > 0))];
        double scale = 20.0 / Math.Max(inkWidth, inkHeight);
        Assert.Equal(20, Math.Max(columns.Length, rows.Length));
        Assert.Equal(Math.Max(1, inkWidth * scale), columns.Length, 0.51);
        Assert.Equal(Math.Max(1, inkHeight * scale), rows.Length, 0.51);
        Assert.Equal(255, image.Max());
        Assert.Equal(14, (columns[0] + columns[^1] + 1) / 2.0, 0.51);
        Assert.Equal(14, (rows[0] + rows[^1] + 1) / 2.0, 0.51);
    }

    [Fact]
    public void Fit_LopsidedInk_IsCentredByItsMassAndNothingIsCutOff()
    {
        // Most of the mass is at the top, so the shape goes down, but not out of the image.
        float[] ink = new float[100 * 100];
        for (int y = 0; y < 100; y++)
            ink.AsSpan(y * 100 + 45, y < 20 ? 50 : 3).Fill(1);

        byte[] image = MnistFrame.Fit(ink, 100, 100);

        int[] rows = [.. Enumerable.Range(0, 28).Where(y => Enumerable.Range(0, 28).Any(x => image[y * 28 + x] > 0))];
        Assert.Equal(20, rows.Length);
        Assert.Equal(27, rows[^1]);
    }

    [Fact]
    public void Fit_TheSameDrawingInAnotherSize_IsNearlyTheSame()
    {
        byte[] small = MnistFrame.Fit(Ring(60), 60, 60), large = MnistFrame.Fit(Ring(600), 600, 600);

        Assert.True(small.Zip(large).Average(pair => Math.Abs(pair.First - pair.Second)) < 6);
    }

    [Fact]
    public void Fit_NoInk_IsRefused() => Assert.Throws<ArgumentException>(() => MnistFrame.Fit(new float[25], 5, 5));

    private static float[] Rectangle(int width, int height, int left, int top, int inkWidth, int inkHeight)
    {
        float[] ink = new float[width * height];
        for (int y = top; y < top + inkHeight; y++)
            ink.AsSpan(y * width + left, inkWidth).Fill(1);
        return ink;
    }

    private static float[] Ring(int size) =>
        [.. Enumerable.Range(0, size * size).Select(
            p => Math.Sqrt(Math.Pow(p % size - size / 2.0, 2) + Math.Pow(p / size - size / 2.0, 2)) / size is > 0.25 and < 0.4 ? 1f : 0f)];
}
