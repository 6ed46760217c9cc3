using Lockstep.Model.Data.Drawings;

namespace Lockstep.Model.Tests.Data.Drawings;

/// <summary>Pictures as people take them: a drawing in uneven light, with grain, frames and other things beside it.</summary>
public class PhotographTests
{
    private const int Width = 240, Height = 300;

    private static readonly (double X, double Y)[] Seven = [(70, 90), (165, 85), (110, 210)];

    public static TheoryData<string> Kinds =>
        [.. Scenes.Keys.Order(StringComparer.Ordinal)];

    private static Dictionary<string, Func<double, int, int, double>> Scenes { get; } = new()
    {
        // From the share of ink at a pixel to its level from 0 to 255.
        ["light from the side"] = (ink, x, y) => (235 - 0.6 * x) * (1 - 0.85 * ink),
        ["a light centre"] = (ink, x, y) => (240 - 0.003 * (Square(x - 120) + Square(y - 150))) * (1 - 0.85 * ink),
        ["the edge of a shadow"] = (ink, x, y) => (230 - 120 * Math.Clamp((x + y - 240) / 24.0, 0, 1)) * (1 - 0.85 * ink),
        ["a shadow in a corner"] = (ink, x, y) => (230 - 90 * Math.Clamp((x - y - 20) / 40.0, 0, 1)) * (1 - 0.85 * ink),
        ["grain"] = (ink, x, y) => 190 * (1 - 0.85 * ink) + Grain(x, y, 24),
        ["a frame"] = (ink, x, y) => x < 5 || y < 4 || x >= Width - 6 || y >= Height - 5 ? 15 : 235 * (1 - 0.85 * ink),
        ["a part of a frame"] = (ink, x, y) => x < 7 || (y >= Height - 9 && x < 140) ? 15 : 235 * (1 - 0.85 * ink),
        ["a light frame on a board"] = (ink, x, y) => x < 7 || y >= Height - 9 ? 220 : 40 + 180 * ink,
        ["a dark table beside the sheet"] = (ink, x, y) => x - 0.1 * y < 15 ? 60 + Grain(x, y, 12) : 225 * (1 - 0.85 * ink),
        ["a thumb in a corner"] = (ink, x, y) => Square(x - 230) + Square(y - 300) < 2500 ? 90 : 235 * (1 - 0.85 * ink),
        ["chalk on a board in uneven light"] = (ink, x, y) => 70 - 0.15 * y + (150 - 0.2 * x) * ink + Grain(x, y, 10),
        ["pencil in shadow"] = (ink, x, y) => (225 - 0.4 * y) * (1 - 0.35 * ink) + Grain(x, y, 6),
        ["faint squares on the paper"] = (ink, x, y) => 235 * (1 - Math.Max(x % 24 == 0 || y % 24 == 0 ? 0.25 : 0, 0.85 * ink)),
        ["dirt"] = (ink, x, y) =>
            (Square(x - 30) + Square(y - 250) < 9 || Square(x - 200) + Square(y - 40) < 6 ? 60 : 235) * (1 - 0.85 * ink),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Find_InEveryScene_IsTheDrawing(string kind)
    {
        byte[] expected = Frame(Take((ink, _, _) => 255 * (1 - ink), Seven));

        Drawing found = Take(Scenes[kind], Seven);

        Assert.Equal((1, false), (found.Count, found.TouchesBorder));
        double difference = Frame(found).Zip(expected).Average(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(difference < 8, $"{kind}: the pixels differ by {difference:F1} on average");
    }

    [Fact]
    public void Find_StrokesOfOneDigit_AreOneDrawing()
    {
        Drawing five = Take(
            Scenes["light from the side"], [(85, 110), (80, 160), (130, 150), (150, 190), (120, 225), (75, 220)], [(95, 95), (150, 90)]);
        Drawing four = Take(Scenes["grain"], [(90, 80), (75, 160), (130, 160)], [(145, 75), (145, 220)]);

        Assert.Equal((1, 1), (five.Count, four.Count));
        Assert.True(five.Ink[92 * Width + 120] > 0.8, "the bar belongs to it");
    }

    [Theory]
    [InlineData("light from the side")]
    [InlineData("a frame")]
    [InlineData("chalk on a board in uneven light")]
    public void Find_SeveralDigits_AreCounted(string kind)
    {
        Assert.Equal(2, Take(Scenes[kind], [(30, 100), (90, 100), (60, 200)], [(160, 90), (160, 200)]).Count);
        Assert.Equal(3, Take(Scenes[kind], [(40, 110), (40, 190)], [(120, 100), (115, 200)], [(190, 105), (200, 195)]).Count);
    }

    [Fact]
    public void Find_DigitCutByTheBorder_TouchesIt() =>
        Assert.True(Take(Scenes["light from the side"], [(60, -10), (165, 85), (110, 210)]).TouchesBorder);

    [Fact]
    public void Find_EmptySheetWithGrain_IsNull() => Assert.Null(Find(Scenes["grain"]));

    [Fact]
    public void Find_Contrast_IsThatOfInkAndPaper()
    {
        Assert.InRange(Take((ink, _, _) => 255 - 255 * ink, Seven).Contrast, 0.99f, 1);
        Assert.InRange(Take((ink, _, _) => 200 - 32 * ink, Seven).Contrast, 0.11f, 0.14f);
    }

    [Fact]
    public void Find_LargePicture_IsReduced()
    {
        byte[] rgba = new byte[1200 * 900 * 4];
        for (int p = 0; p < 1200 * 900; p++)
        {
            byte level = p % 1200 is > 500 and < 600 && p / 1200 is > 200 and < 700 ? (byte)30 : (byte)220;
            (rgba[p * 4], rgba[p * 4 + 1], rgba[p * 4 + 2], rgba[p * 4 + 3]) = (level, level, level, 255);
        }

        Drawing found = Ink.Find(rgba, 1200, 900)!;

        Assert.Equal((400, 300), (found.Width, found.Height));
        Assert.Equal((1f, 0f), (found.Ink[150 * 400 + 180], found.Ink[150 * 400 + 120]));
    }

    private static byte[] Frame(Drawing drawing) => MnistFrame.Fit(drawing.Ink, drawing.Width, drawing.Height);

    private static Drawing Take(Func<double, int, int, double> scene, params (double X, double Y)[][] strokes) =>
        Find(scene, strokes) ?? throw new InvalidOperationException("It is blank.");

    private static Drawing? Find(Func<double, int, int, double> scene, params (double X, double Y)[][] strokes)
    {
        byte[] rgba = new byte[Width * Height * 4];
        for (int p = 0; p < Width * Height; p++)
        {
            (int y, int x) = Math.DivRem(p, Width);
            double distance = strokes.Length == 0 ? 1e3 : strokes.Min(
                stroke => Enumerable.Range(0, stroke.Length - 1).Min(i => DistanceTo(x, y, stroke[i], stroke[i + 1])));
            byte level = (byte)Math.Clamp(scene(Math.Clamp((9 - distance) / 3, 0, 1), x, y), 0, 255);
            rgba.AsSpan(p * 4, 3).Fill(level);
            rgba[p * 4 + 3] = 255;
        }

        return Ink.Find(rgba, Width, Height);
    }

    private static double DistanceTo(double x, double y, (double X, double Y) from, (double X, double Y) to)
    {
        (double dx, double dy) = (to.X - from.X, to.Y - from.Y);
        double share = Math.Clamp(((x - from.X) * dx + (y - from.Y) * dy) / (dx * dx + dy * dy), 0, 1);
        return Math.Sqrt(Square(x - from.X - share * dx) + Square(y - from.Y - share * dy));
    }

    private static double Square(double value) => value * value;

    // From -range / 2 to range / 2, the same in every run.
    private static double Grain(int x, int y, int range)
    {
        uint mixed = unchecked((uint)(x * 7919 + y * 104_729) * 2_654_435_761u);
        return (mixed >> 16) % 256 / 255.0 * range - range / 2.0;
    }
}
