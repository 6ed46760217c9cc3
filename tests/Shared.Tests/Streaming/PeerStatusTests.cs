using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class PeerStatusTests
{
    private static readonly PeerStatus Status = new(
        "0.1.0", PeerRole.Following, new Hash128(ulong.MaxValue, ulong.MaxValue - 5), 0xFEDC_BA98_7654_3210, 8, 1L << 40, 3, "[::1]:4053");

    [Fact]
    public void Decode_WhatWasEncoded_IsTheSame() => Assert.Equal(Status, PeerStatus.Decode(Status.Encode()));

    [Fact]
    public void Decode_CutAnywhere_IsRefused()
    {
        byte[] encoded = Status.Encode();
        Assert.All(
            Enumerable.Range(0, encoded.Length), length => Assert.Throws<FormatException>(() => PeerStatus.Decode(encoded[..length])));
    }

    [Fact]
    public void Decode_RoleThatIsNone_IsRefused() =>
        Assert.Throws<FormatException>(() => PeerStatus.Decode((Status with { Role = (PeerRole)9 }).Encode()));
}
