using Lockstep.Chaos.Pictures;

namespace Lockstep.Chaos.Tests;

public class AxisTests
{
    [Fact]
    public void Over_Values_EndsAtRoundTicksAroundThem()
    {
        var axis = Axis.Over([0.031, double.NaN, 0.287, double.PositiveInfinity]);

        Assert.Equal((0.0, 0.3), (axis.Min, axis.Max));
        Assert.Equal([0.0, 0.1, 0.2, 0.3], axis.Ticks);
        Assert.Equal(0.5, axis.Share(0.15), 1e-9);
    }

    public static TheoryData<double[]> Awkward => new()
    {
        Array.Empty<double>(), new[] { double.NaN }, new[] { 0.1, 0.1 }, new[] { 0.0 }, new[] { -5.0 }, new[] { 1e-320, 2e-320 },
        new[] { -1e308, 1e308 }, new[] { 1, 1 + 1e-15 },
    };

    [Theory]
    [MemberData(nameof(Awkward))]
    public void Axis_OfAnything_HasALengthAndFewTicks(double[] values)
    {
        var axis = Axis.Over(values);

        Assert.True(axis.Max > axis.Min);
        Assert.InRange(axis.Ticks.Count, 1, 12);
        Assert.All(axis.Ticks, tick => Assert.InRange(axis.Share(tick), -1e-6, 1 + 1e-6));
    }
}
