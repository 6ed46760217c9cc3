using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

public class KernelDispatchTests
{
    [Fact]
    public void Choose_Nothing_TakesTheWidestAvailable()
    {
        Assert.Equal(KernelDispatch.Available[^1], KernelDispatch.Choose(null));
        Assert.Equal(KernelDispatch.Available[^1], KernelDispatch.Choose(""));
        Assert.Equal(SimdWidth.Scalar, KernelDispatch.Choose("scalar"));
    }

    [Theory]
    [InlineData("avx")]
    [InlineData("Scalar")]
    [InlineData("64")]
    public void Choose_UnknownForm_SaysWhatIsExpected(string value)
    {
        var error = Assert.Throws<InvalidOperationException>(() => KernelDispatch.Choose(value));
        Assert.Contains($"'{value}'; expected scalar, 128, 256 or 512", error.Message, StringComparison.Ordinal);
    }
}
