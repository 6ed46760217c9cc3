using System.Runtime.Intrinsics;
using Lockstep.Model.Random;

namespace Lockstep.Model.Tests.Random;

public class Philox4x32Tests
{
    // Known answers of Random123 (kat_vectors, "philox4x32 10").
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0ul, new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u })]
    [InlineData(
        0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffff_fffffffful,
        new[] { 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu })]
    [InlineData(
        0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0x299f31d0_a4093822ul,
        new[] { 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u })]
    public void Block_KnownAnswerVectors_AreReproduced(uint c0, uint c1, uint c2, uint c3, ulong key, uint[] expected)
    {
        var words = new uint[4];
        Philox4x32.Block(c0, c1, c2, c3, key, words);
        Assert.Equal(expected, words);
        Assert.Equal(Vector128.Create(expected), Philox4x32.Block(c0, c1, c2, c3, key));
    }

    [Fact]
    public void Tag_PurposesAndParts_NeverCoincide()
    {
        var tags = from purpose in Enum.GetValues<RandomPurpose>()
                   from part in new[] { 0, 1, 2, (1 << 24) - 1 }
                   select Philox4x32.Tag(purpose, part);
        Assert.Equal(tags.Count(), tags.Distinct().Count());
    }

    [Theory]
    [InlineData(0ul, 10, 0)]
    [InlineData(ulong.MaxValue, 10, 9)]
    [InlineData(1ul << 63, 10, 5)]
    [InlineData(ulong.MaxValue, int.MaxValue, int.MaxValue - 1)]
    public void Below_Range_IsCoveredEvenly(ulong bits, int range, int expected) =>
        Assert.Equal(expected, Philox4x32.Below(bits, range));
}
