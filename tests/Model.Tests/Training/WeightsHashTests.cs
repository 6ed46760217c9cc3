using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class WeightsHashTests
{
    // The published value of XXH3-128 of nothing, so that other programs find the same hashes.
    [Fact]
    public void Of_Nothing_IsTheKnownHash() =>
        Assert.Equal("99aa06d3014798d86001c324468d497f", WeightsHash.Of([]).ToString());

    [Fact]
    public void Of_OneBitChanged_IsAnother()
    {
        float[] weights = [.. Enumerable.Range(0, 1000).Select(i => i / 7f)];
        Hash128 before = WeightsHash.Of(weights);

        weights[999] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(weights[999]) ^ 1);

        Assert.NotEqual(before, WeightsHash.Of(weights));
    }
}
