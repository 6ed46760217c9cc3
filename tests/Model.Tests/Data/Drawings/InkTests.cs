using Lockstep.Model.Data.Drawings;

namespace Lockstep.Model.Tests.Data.Drawings;

public class InkTests
{
    private const int Size = 12;

    public static TheoryData<string, byte, byte, byte, byte> Kinds => new()
    {
        // Grey and alpha of the paper, then of the drawing.
        { "black on white", 255, 255, 0, 255 },
        { "white on black", 0, 255, 255, 255 },
        { "black on mid-grey", 110, 255, 0, 255 },
        { "light on mid-grey", 140, 255, 250, 255 },
        { "pencil on white", 250, 255, 190, 255 },
        { "black on nothing", 0, 0, 0, 255 },
        { "white on nothing", 0, 0, 255, 255 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Find_AnyPaperAndPen_IsTheDrawing(string kind, byte paper, byte paperAlpha, byte pen, byte penAlpha)
    {
        byte[] rgba = Drawing(paper, paperAlpha, pen, penAlpha);
        float[] ink = Find(rgba, kind);

        for (int p = 0; p < ink.Length; p++)
            Assert.Equal(IsDrawn(p) ? 1f : 0f, ink[p], 0.02f);
    }

    [Fact]
    public void Find_TransparentCorners_AreNoInk()
    {
        byte[] rgba = Drawing(255, 255, 0, 255);
        foreach (int corner in new[] { 0, Size - 1, Size * Size - Size, Size * Size - 1 })
            rgba.AsSpan(corner * 4, 4).Clear();
        float[] ink = Find(rgba, "transparent corners");

        Assert.Equal(0f, ink[0]);
        Assert.Equal(1f, ink[5 * Size + 5]);
    }

    [Fact]
    public void Find_Colours_GoByTheirBrightness()
    {
        byte[] rgba = Drawing(255, 255, 0, 255);
        for (int p = 0; p < Size * Size; p++)
        {
            if (IsDrawn(p))
                rgba[p * 4 + 2] = 255;
        }

        float[] ink = Find(rgba, "blue on white");
        Assert.Equal(1f, ink[5 * Size + 5]);
    }

    [Theory]
    [InlineData(255, 255, 255, 255)]
    [InlineData(0, 255, 0, 255)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(255, 255, 240, 255)]
    public void Find_Blank_IsNull(byte paper, byte paperAlpha, byte pen, byte penAlpha) =>
        Assert.Null(Ink.Find(Drawing(paper, paperAlpha, pen, penAlpha), Size, Size));

    [Fact]
    public void Find_SinglePixel_IsBlank() => Assert.Null(Ink.Find([1, 2, 3, 255], 1, 1));

    [Fact]
    public void Find_ArraysOfAnotherSize_AreRefused() =>
        Assert.Throws<ArgumentException>(() => Ink.Find(new byte[16], 2, 3));

    [Fact]
    public void Grey_Transparent_IsBlack() =>
        Assert.Equal([255, 0, 0, 128], Ink.Grey([255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255, 128, 128, 128, 255]));

    private static float[] Find(byte[] rgba, string kind)
    {
        Drawing? drawing = Ink.Find(rgba, Size, Size);
        Assert.True(drawing is not null, kind);
        Assert.Equal((Size, Size, 1, false), (drawing.Width, drawing.Height, drawing.Count, drawing.TouchesBorder));
        return drawing.Ink;
    }

    private static bool IsDrawn(int p) => p % Size is >= 4 and < 7 && p / Size is >= 2 and < 10;

    private static byte[] Drawing(byte paper, byte paperAlpha, byte pen, byte penAlpha) =>
        [.. Enumerable.Range(0, Size * Size).SelectMany(
            p => IsDrawn(p) ? new[] { pen, pen, pen, penAlpha } : [paper, paper, paper, paperAlpha])];
}
