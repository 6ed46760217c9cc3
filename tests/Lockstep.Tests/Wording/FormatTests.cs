using Lockstep.Wording;

namespace Lockstep.Lockstep.Tests.Wording;

public class FormatTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1_000, "1.0 kB")]
    [InlineData(814_120, "814.1 kB")]
    [InlineData(2_140_000_000, "2.14 GB")]
    public void Bytes_AnyNumber_HasAUnit(long bytes, string expected) => Assert.Equal(expected, Format.Bytes(bytes));

    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(12.34, "12.3 s")]
    [InlineData(65, "1:05 min")]
    [InlineData(3725, "1:02 h")]
    public void Duration_AnySeconds_HasAUnit(double seconds, string expected) => Assert.Equal(expected, Format.Duration(seconds));
}
