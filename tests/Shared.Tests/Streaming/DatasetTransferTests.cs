using System.Buffers.Binary;
using Lockstep.Model.Data;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public sealed class DatasetTransferTests : IDisposable
{
    private const ulong Run = 42;
    private readonly StreamPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 2, 5)]
    [InlineData(2_000, 28, 28)] // the entries take several frames
    public async Task Receive_WhatSendSent_IsTheSameContent(int count, int height, int width)
    {
        ImageSet images = Images(count, height, width);
        var sent = new List<(long Done, long Total)>();
        var received = new List<(long Done, long Total)>();

        Task sending = StreamPair.OnThread(
            () => DatasetTransfer.Send(_pair.Near, Run, 0, Data(images), progress: (done, total) => sent.Add((done, total))));
        TrainingData actual = DatasetTransfer.Receive(_pair.Far, Run, progress: (done, total) => received.Add((done, total)));
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal((images.Count, images.Shape), (actual.Examples.Count, actual.Examples.Shape));
        Assert.Equal(images.Sha256(), actual.Examples.Sha256());
        Assert.Equal(images.Digest(), actual.Digest);
        Assert.Equal(sent, received);
        Assert.Equal(received[^1].Total, received[^1].Done);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(700, 600)] // the values take several frames
    public async Task Receive_Features_IsTheSameContent(int count, int features)
    {
        FeatureSet sent = Features(count, features);

        Task sending = StreamPair.OnThread(() => DatasetTransfer.Send(_pair.Near, Run, 0, Data(sent)));
        TrainingData actual = DatasetTransfer.Receive(_pair.Far, Run);
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal(sent.Sha256(), Assert.IsType<FeatureSet>(actual.Examples).Sha256());
        Assert.Equal(sent.Digest(), actual.Digest);
    }

    [Fact]
    public void Receive_FeatureThatIsNotFinite_IsRefused()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(3, 2, 1, 2, 0, 0));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x7F]); // 1, infinity
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 8 }, [0]);

        StreamException error = ReceiveFails();
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("its data set is not valid. Row 0 has the value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_FeaturesOfAnotherDigest_IsRefused()
    {
        Send(Features(10, 4), Features(10, 5).Digest());

        Assert.Contains("announced was", ReceiveFails().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_ImagesThatTheWorkerHolds_AreNotSentAgain()
    {
        ImageSet images = Images(2_000, 28, 28), other = Images(3, 28, 28);
        long before = _pair.Near.BytesSent;
        DatasetTransfer.Send(_pair.Near, Run, 0, Data(images), isHeld: true);
        Assert.InRange(_pair.Near.BytesSent - before, 1, 200);
        Assert.Same(images, DatasetTransfer.Receive(_pair.Far, Run, Data(images)).Examples);

        DatasetTransfer.Send(_pair.Near, Run, 0, Data(images), isHeld: true);
        var error = Assert.Throws<StreamException>(() => DatasetTransfer.Receive(_pair.Far, Run, Data(other)));
        Assert.Contains(
            $"refers to examples with the digest {images.Digest()}, held are {other.Digest()}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 1, 10, 28, 28, 100, "has format 9")]
    [InlineData(3, 1, 0, 28, 28, 0, "do not belong together")]
    [InlineData(3, 1, -1, 28, 28, 0, "do not belong together")]
    [InlineData(3, 1, 10, 0, 28, 0, "do not belong together")]
    [InlineData(3, 1, 10, 300, 300, 100, "do not belong together")]
    [InlineData(3, 1, 10, 2, 2, 21, "do not belong together")]
    [InlineData(3, 1, 10, 2, 2, -1, "do not belong together")]
    [InlineData(3, 1, 1, int.MaxValue, int.MaxValue, 0, "do not belong together")]
    [InlineData(3, 1, int.MaxValue, 256, 256, int.MaxValue, "at most 2,147,483,648 are accepted")]
    [InlineData(3, 0, 10, 28, 28, 100, "announces examples of the kind 0, which this build does not know")]
    [InlineData(3, 2, 0, 20, 0, 0, "do not belong together")]
    [InlineData(3, 2, 10, 0, 0, 0, "do not belong together")]
    [InlineData(3, 2, 10, 65_537, 0, 0, "do not belong together")]
    [InlineData(3, 2, 10, 20, 1, 0, "do not belong together")]
    [InlineData(3, 2, 10, 20, 0, 1, "do not belong together")]
    [InlineData(3, 2, int.MaxValue, 65_536, 0, 0, "at most 2,147,483,648 are accepted")]
    public void Receive_HostileAnnouncement_IsRefusedBeforeAnythingIsAllocated(
        int version, int kind, int count, int height, int width, int entries, string message)
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(version, kind, count, height, width, entries));
        long before = GC.GetAllocatedBytesForCurrentThread();

        StreamException error = ReceiveFails();

        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Receive_LargerThanTheCallerAllows_IsRefused()
    {
        ImageSet images = Images(10, 4, 4);
        Send(images, images.Digest());

        Assert.Contains("at most 100 are accepted", ReceiveFails(maxBytes: 100).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_ContentOfAnotherDigest_IsRefused()
    {
        Send(Images(10, 4, 4), new string('0', 32));

        StreamException error = ReceiveFails();
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("announced was 0000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_ArraysThatAreNoImages_IsRefused()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(3, 1, 1, 2, 2, 1));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, [0, 0, 0, 0, 255, 255, 255, 255]); // row starts 0, -1
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 8 }, [5, 0, 0, 0]);
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 12 }, [0]);

        StreamException error = ReceiveFails();
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("its data set is not valid", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Run, 4, 8, StreamError.BadContent)] // a gap
    [InlineData(Run + 1, 0, 8, StreamError.BadContent)] // another run
    [InlineData(Run, 0, 7, StreamError.WrongLength)] // a short piece
    public void Receive_PieceOutOfPlace_IsRefused(ulong run, long step, int length, StreamError expected)
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(3, 1, 1, 2, 2, 1));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = run, Step = step }, new byte[length]);

        Assert.Equal(expected, ReceiveFails().Error);
    }

    [Fact]
    public void Receive_GoodbyeInTheMiddle_GivesTheReason()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(3, 1, 1, 2, 2, 1));
        _pair.Near.SendLast(FrameKind.Bye, Run, 0, "stopping");

        StreamException error = ReceiveFails();
        Assert.Equal((StreamError.EndOfStream, "stopping"), (error.Error, error.Problem));
    }

    private StreamException ReceiveFails(long maxBytes = DatasetTransfer.MaxBytes) =>
        Assert.Throws<StreamException>(() => DatasetTransfer.Receive(_pair.Far, Run, maxBytes: maxBytes));

    /// <summary>Small enough for the system's buffers, so that nobody needs to read meanwhile.</summary>
    private void Send(Examples examples, string digest) => DatasetTransfer.Send(_pair.Near, Run, 0, new TrainingData(examples, digest));

    private static TrainingData Data(Examples examples) => new(examples, examples.Digest());

    private static ImageSet Images(int count, int height, int width)
    {
        byte[] pixels = new byte[count * height * width], labels = new byte[count];
        new Random(3).NextBytes(pixels);
        new Random(4).NextBytes(labels);
        return ImageSet.FromDense(pixels, labels, height, width);
    }

    private static FeatureSet Features(int count, int features)
    {
        var random = new Random(5);
        float[] values = [.. Enumerable.Range(0, count * features).Select(_ => (float)(random.NextDouble() - 0.5))];
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(256))];
        return FeatureSet.FromRows(values, labels, features);
    }

    private static byte[] Announcement(int version, int kind, int count, int height, int width, int entries)
    {
        byte[] bytes = new byte[40];
        int[] fields = [version, kind, count, height, width, entries];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), fields[i]);
        return bytes;
    }
}
