using Lockstep.Wording;

namespace Lockstep.Lockstep.Tests.Wording;

public class HostPortTests
{
    [Theory]
    [InlineData("127.0.0.1:4053", "127.0.0.1", 4053)]
    [InlineData("[::1]:4053", "::1", 4053)]
    [InlineData("node-7.example.org:1", "node-7.example.org", 1)]
    public void Parse_Legal_IsHostAndPort(string text, string host, int port)
    {
        var parsed = HostPort.Parse(text, lowestPort: 1);

        Assert.Equal((host, port), (parsed.Host, parsed.Port));
        Assert.Equal(text, parsed.ToString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData(":4053")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("::1:4053")]
    [InlineData("a b:1")]
    [InlineData("http://localhost:1")]
    public void Parse_Illegal_IsRefused(string text) => _ = Assert.Throws<FormatException>(() => HostPort.Parse(text, lowestPort: 1));
}
