using System.Net;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class SliceOfferTests
{
    private static readonly ReductionTree Tree = new(8);
    private static readonly SliceOffer Offer = new(
        3, Rows: 2, Place: 1,
        [
            new SliceWorker(4, IPEndPoint.Parse("192.0.2.1:5000"), new byte[16], [new TreeNode(2, 0)]),
            new SliceWorker(9, IPEndPoint.Parse("[2001:db8::1]:5001"), ReadOnlyMemory<byte>.Empty, [new TreeNode(1, 2), new TreeNode(1, 3)]),
        ]);

    [Fact]
    public void Decode_Encoded_IsTheSame()
    {
        SliceOffer decoded = SliceOffer.Decode(Offer.Encode(), Tree);

        Assert.Equal((3, 2, 1), (decoded.Number, decoded.Rows, decoded.Place));
        Assert.Equal(["4 192.0.2.1:5000", "9 [2001:db8::1]:5001"], decoded.Workers.Select(worker => $"{worker.Number} {worker.Address}"));
        Assert.Equal([16, 0], decoded.Workers.Select(worker => worker.Token.Length));
        Assert.Equal(Offer.Workers.SelectMany(worker => worker.Nodes), decoded.Workers.SelectMany(worker => worker.Nodes));
    }

    [Fact]
    public void Decode_NodeThatTheTreeLacks_IsRefused()
    {
        byte[] encoded = Offer.Encode();

        var refused = Assert.Throws<FormatException>(() => SliceOffer.Decode(encoded, new ReductionTree(4)));

        Assert.Contains("which a tree of 4 shards does not have", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_MoreRowsOrALaterPlaceThanWorkers_IsRefused()
    {
        Assert.Throws<FormatException>(() => SliceOffer.Decode((Offer with { Rows = 3 }).Encode(), Tree));
        Assert.Throws<FormatException>(() => SliceOffer.Decode((Offer with { Place = 2 }).Encode(), Tree));
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.1")]
    [InlineData("192.0.2.1:0")]
    [InlineData("192.0.2.1:99999999999")]
    [InlineData("192.0.2.1:http")]
    [InlineData("0.0.0.0:5000")]
    [InlineData("[::]:5000")]
    [InlineData("worker.example:5000")]
    public void AddressOf_WhereNobodyCanBeReached_IsNone(string text) => Assert.Null(SliceOffer.AddressOf(text));

    [Fact]
    public void Decode_WorkerTwiceOrHalfAToken_IsRefused()
    {
        SliceWorker worker = Offer.Workers[0];

        Assert.Throws<FormatException>(() => SliceOffer.Decode((Offer with { Workers = [worker, worker] }).Encode(), Tree));
        Assert.Throws<FormatException>(
            () => SliceOffer.Decode((Offer with { Workers = [worker with { Token = new byte[8] }, Offer.Workers[1]] }).Encode(), Tree));
    }

    [Fact]
    public void Decode_AnyCut_IsRefused()
    {
        byte[] encoded = Offer.Encode();

        for (int length = 0; length < encoded.Length; length++)
            Assert.Throws<FormatException>(() => SliceOffer.Decode(encoded[..length], Tree));
    }
}
