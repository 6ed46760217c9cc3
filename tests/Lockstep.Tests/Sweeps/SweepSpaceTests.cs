using Lockstep.Sweeps;

namespace Lockstep.Tests.Sweeps;

/// <summary>Which combinations a sweep tries.</summary>
public sealed class SweepSpaceTests
{
    private static readonly SweepParameter Rate = new("rate") { Range = new SweepRange(1e-4, 1, IsLogarithmic: true, IsWhole: false) };
    private static readonly SweepParameter Units = new("units") { Range = new SweepRange(1, 4, IsLogarithmic: false, IsWhole: true) };
    private static readonly SweepParameter Optimizer = new("optimizer") { Values = ["sgd", "adam"] };

    [Fact]
    public void Grid_TwoLists_HasAllCombinationsTheLastFastest() => Assert.Equal(
        ["optimizer=sgd,seed=1", "optimizer=sgd,seed=2", "optimizer=adam,seed=1", "optimizer=adam,seed=2"],
        SweepSpace.Grid([Optimizer, new SweepParameter("seed") { Values = ["1", "2"] }]).Select(point => point.Name));

    [Fact]
    public void Draw_Seed7_GivesTheseOnEveryMachine() => Assert.Equal(
        [
            "rate=0.8125,units=2,optimizer=adam",
            "rate=0.3837,units=4,optimizer=sgd",
            "rate=0.0009925,units=1,optimizer=adam",
            "rate=0.201,units=2,optimizer=sgd",
        ],
        SweepSpace.Draw([Rate, Units, Optimizer], 4, seed: 7).Select(point => point.Name));

    [Fact]
    public void Draw_Many_FillTheirRanges()
    {
        IReadOnlyList<SweepPoint> points = SweepSpace.Draw([Rate, Units, Optimizer], 1000, seed: 1);

        double[] rates = [.. points.Select(point => point.Number("rate"))];
        Assert.All(rates, rate => Assert.InRange(rate, 1e-4, 1));
        // A quarter each in the four decades.
        for (int decade = -4; decade < 0; decade++)
            Assert.InRange(rates.Count(rate => Math.Floor(Math.Log10(rate)) == decade), 200, 300);
        Assert.Equal(["1", "2", "3", "4"], points.Select(point => point["units"]).Distinct().Order());
        Assert.InRange(points.Count(point => point["optimizer"] == "sgd"), 430, 570);
    }

    [Fact]
    public void Draw_MoreThanThereAre_LeavesOutRepetitions() =>
        Assert.Equal(8, SweepSpace.Draw([Units, Optimizer], 500, seed: 3).Count);

    [Theory]
    [InlineData(0.25, 0.1)]
    [InlineData(0.5, 1)]
    [InlineData(1, 100)]
    [InlineData(0, 0.01)]
    public void At_Share_IsAPowerOfTheFactor(double share, double expected) =>
        Assert.Equal(expected, GeometricScale.At(0.01, 100, share), expected * 1e-10);

    [Fact]
    public void Name_ValuesThatFilesCannotHave_AreReplacedAndToldApart()
    {
        SweepPoint[] points =
        [
            .. SweepSpace.Grid([new SweepParameter("model") { Values = ["conv:6x5", "conv/6x5"] }]),
        ];

        Assert.All(points, point => Assert.Matches("^model=conv_6x5-[0-9a-f]{8}$", point.Name));
        Assert.NotEqual(points[0].Name, points[1].Name);
    }
}
