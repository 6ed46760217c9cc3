using Lockstep.Coordinator.Launching;

namespace Lockstep.Coordinator.Tests.Launching;

public sealed class LaunchOrderTests
{
    [Fact]
    public void Parse_LineOfAnOrder_IsThatOrder()
    {
        foreach (var order in new[] { new LaunchOrder("[::1]:4053"), new LaunchOrder("192.0.2.1:4053", "c2VjcmV0", 4711) })
            Assert.Equal(order, LaunchOrder.Parse(order.ToLine() + "\r"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.1:4053 secret")]
    [InlineData("192.0.2.1:4053 secret process")]
    [InlineData("192.0.2.1:4053 secret 1 more")]
    public void Parse_AnythingElse_IsRefused(string line) =>
        Assert.Contains("same version", Assert.Throws<FormatException>(() => LaunchOrder.Parse(line)).Message, StringComparison.Ordinal);

    [Fact]
    public void ToString_OrderWithSecret_DoesNotTellIt() =>
        Assert.DoesNotContain("c2VjcmV0", new LaunchOrder("192.0.2.1:4053", "c2VjcmV0", 4711).ToString(), StringComparison.Ordinal);
}
