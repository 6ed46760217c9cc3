using System.Runtime.Serialization;
using System.Text;
using Lockstep.Shared.Messages;

namespace Lockstep.Shared.Tests.Messages;

public class ProtocolSerializerTests
{
    private readonly ProtocolSerializer _serializer = new(null!);

    public static TheoryData<int, string, string> Golden => new()
    {
        { 0, "join-run", "9702A568C3B67374CD126702A9302E312E302B616263B45836342C203531322D62697420766563746F7273A430306666" },
        { 1, "offer", "95CFFEDCBA987654321007A93132372E302E302E31CD9CBBC410000102030405060708090A0B0C0D0E0F" },
        { 2, "refuse", "91A26E6F" },
        { 3, "end", "92C3A4646F6E65" },
        { 4, "find-leader", "91A9302E312E302B616263" },
        { 5, "leader", "95AD31302E302E302E313A34303533C2CF00000100000000000308" },
    };

    /// <summary>Nodes of different builds meet: a change of these bytes needs a new manifest.</summary>
    [Theory]
    [MemberData(nameof(Golden))]
    public void ToBinary_KnownMessage_HasTheGoldenBytes(int index, string manifest, string hex)
    {
        IRunMessage message = Samples.Messages[index];

        Assert.Equal(manifest, _serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexString(_serializer.ToBinary(message)));
    }

    [Fact]
    public void FromBinary_WhatToBinaryWrote_IsEqual() => Assert.All(
        Samples.Messages,
        message => Assert.Equal(message, _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message))));

    [Fact]
    public void Samples_HoldEveryMessageOfTheProtocol() => Assert.Equal(
        typeof(IRunMessage).Assembly.GetTypes().Where(type => type.IsClass && typeof(IRunMessage).IsAssignableFrom(type)).ToHashSet(),
        Samples.Messages.Select(message => message.GetType()).ToHashSet());

    [Fact]
    public void FromBinary_CutOrFlippedAnywhere_IsReadOrRefused()
    {
        foreach (IRunMessage message in Samples.Messages)
        {
            string manifest = _serializer.Manifest(message);
            byte[] good = _serializer.ToBinary(message);
            for (int length = 0; length < good.Length; length++)
                Assert.Throws<SerializationException>(() => _serializer.FromBinary(good[..length], manifest));
            for (int i = 0; i < good.Length; i++)
            {
                for (int bit = 0; bit < 8; bit++)
                {
                    byte[] changed = [.. good];
                    changed[i] ^= (byte)(1 << bit);
                    try
                    {
                        _serializer.FromBinary(changed, manifest);
                    }
                    catch (SerializationException)
                    {
                        // Any other exception fails the test.
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("System.IO.FileInfo, System.Private.CoreLib")]
    [InlineData("JOIN")]
    public void FromBinary_UnknownManifest_SaysWhatToDo(string manifest)
    {
        var error = Assert.Throws<SerializationException>(() => _serializer.FromBinary([0x90], manifest));

        Assert.Contains($"'{manifest}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("same version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToBinary_ReasonLongerThanTheReceiverTakes_IsCut()
    {
        byte[] bytes = _serializer.ToBinary(new JoinRefused(new string('\u00e4', 5000)));

        Assert.Equal(new JoinRefused(new string('\u00e4', 2048)), _serializer.FromBinary(bytes, "refuse"));
    }

    [Fact]
    public void FromBinary_TextLongerThanAllowed_IsRefused()
    {
        byte[] text = [0x91, 0xDA, 0x10, 0x01, .. Encoding.ASCII.GetBytes(new string('x', 4097))];

        Assert.Throws<SerializationException>(() => _serializer.FromBinary(text, "refuse"));
    }

    [Fact]
    public void ToBinary_AnotherType_IsRefused() =>
        Assert.Throws<ArgumentException>(() => _serializer.ToBinary("text"));

    [Fact]
    public void ToString_OfAnOffer_DoesNotShowTheToken() =>
        Assert.DoesNotContain("oken", Samples.Messages.OfType<RunOffered>().Single().ToString(), StringComparison.Ordinal);
}
