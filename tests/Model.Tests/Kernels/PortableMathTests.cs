using Lockstep.Model.Kernels;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

public class PortableMathTests
{
    [Fact]
    public void Exponential_NonPositiveArguments_AreWithinOneUlp()
    {
        double worst = 0;
        for (float x = -87.3f; x <= 0f; x += 0.00123f)
        {
            double exact = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(Exponential.Scalar(x) - exact) / (MathF.BitIncrement((float)exact) - (float)exact));
        }

        Assert.InRange(worst, 0.3, 1.0);
    }

    [Fact]
    public void Exponential_SpecialArguments_HaveTheirLimits()
    {
        Assert.Equal(1f, Exponential.Scalar(0f));
        Assert.Equal(1f, Exponential.Scalar(-0f));
        Assert.Equal(1f, Exponential.Scalar(-float.Epsilon));
        Assert.Equal(0f, Exponential.Scalar(-88f));
        Assert.Equal(0f, Exponential.Scalar(-3e38f));
        Assert.Equal(0f, Exponential.Scalar(float.NegativeInfinity));
        Assert.True(float.IsNaN(Exponential.Scalar(float.NaN)));
    }

    [Fact]
    public void Log_PositiveNumbers_AreWithinOneUlp()
    {
        for (int i = 1; i < 200_000; i++)
        {
            AssertWithinUlps(Math.Log(i * 1e-5), PortableMath.Log(i * 1e-5), 1, i * 1e-5);
            double x = Math.Exp((i - 100_000) * 0.007);
            AssertWithinUlps(Math.Log(x), PortableMath.Log(x), 1, x);
        }

        Assert.Equal(0.0, PortableMath.Log(1.0));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.Epsilon)]
    public void Log_OutsideItsDomain_IsNaN(double x) => Assert.True(double.IsNaN(PortableMath.Log(x)));

    [Fact]
    public void CosPi_WholeTurn_AgreesWithTheLibrary()
    {
        for (int i = 0; i <= 200_000; i++)
            Assert.Equal(Math.Cos(Math.PI * (i * 1e-5)), PortableMath.CosPi(i * 1e-5), 1e-15);
        Assert.Equal(new[] { 1.0, 0.0, -1.0, 0.0, 1.0 }, new[] { 0.0, 0.5, 1.0, 1.5, 2.0 }.Select(PortableMath.CosPi));
    }

    private static void AssertWithinUlps(double expected, double actual, int ulps, double x)
    {
        double ulp = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
        if (!(Math.Abs(actual - expected) <= ulps * ulp))
            Assert.Fail($"At {x:R}: {actual:R}, expected {expected:R} to {ulps} ulp.");
    }
}
