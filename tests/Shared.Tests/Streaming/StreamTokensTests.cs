using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class StreamTokensTests
{
    private readonly Clock _clock = new();
    private readonly StreamTokens _tokens;

    public StreamTokensTests() => _tokens = new StreamTokens(_clock);

    [Fact]
    public void Redeem_IssuedToken_WorksOnce()
    {
        byte[] token = _tokens.Issue("a");

        Assert.Equal(StreamTokens.TokenBytes, token.Length);
        Assert.Equal("a", _tokens.Redeem(token, "a"u8));
        Assert.Null(_tokens.Redeem(token, "a"u8));
    }

    [Fact]
    public void Redeem_AnyBitWrong_Fails()
    {
        byte[] token = _tokens.Issue("a");
        for (int bit = 0; bit < 8 * token.Length; bit++)
        {
            byte[] wrong = [.. token];
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(_tokens.Redeem(wrong, "a"u8));
        }

        Assert.Null(_tokens.Redeem(token.AsSpan(1), "a"u8));
        Assert.Equal("a", _tokens.Redeem(token, "a"u8));
    }

    [Fact]
    public void Redeem_ByAnotherWorker_FailsAndUsesTheTokenUp()
    {
        byte[] token = _tokens.Issue("a");

        Assert.Null(_tokens.Redeem(token, "b"u8));
        Assert.Null(_tokens.Redeem(token, "a"u8));
    }

    [Fact]
    public void Redeem_AfterItsLifetime_Fails()
    {
        byte[] early = _tokens.Issue("a", TimeSpan.FromSeconds(10)), late = _tokens.Issue("b", TimeSpan.FromSeconds(11));
        _clock.Now += TimeSpan.FromSeconds(10);

        Assert.Null(_tokens.Redeem(early, "a"u8));
        Assert.Equal("b", _tokens.Redeem(late, "b"u8));
    }

    [Fact]
    public void Redeem_RevokedOrReplaced_Fails()
    {
        byte[] revoked = _tokens.Issue("a"), replaced = _tokens.Issue("b"), current = _tokens.Issue("b");
        _tokens.Revoke("a");

        Assert.Null(_tokens.Redeem(revoked, "a"u8));
        Assert.Null(_tokens.Redeem(replaced, "b"u8));
        Assert.Equal("b", _tokens.Redeem(current, "b"u8));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
