using System.Buffers.Binary;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public sealed partial class DatasetTransferTests : IDisposable
{
    private const ulong Run = 42;
    private static readonly FrameOrigin Origin = new(Run, Term: 0);
    private readonly StreamPair _pair = new();
    private readonly MemoryPair _streams = new();

    public void Dispose()
    {
        _pair.Dispose();
        _streams.Dispose();
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 2, 5)]
    [InlineData(2_000, 28, 28)] // the entries take several frames
    public async Task Receive_WhatSendSent_IsTheSameContent(int count, int height, int width)
    {
        ImageSet images = Images(count, height, width);

        Task sending = StreamPair.OnThread(() => Send(images, images.Digest()));
        TrainingData actual = DatasetReceiver.ReceiveAll(_pair.Far, Spec(count), Run);
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal((images.Count, images.Shape), (actual.Examples.Count, actual.Examples.Shape));
        Assert.Equal(images.Sha256(), actual.Examples.Sha256());
        Assert.Equal(images.Digest(), actual.Digest);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(700, 600)] // the values take several frames
    public async Task Receive_Features_IsTheSameContent(int count, int features)
    {
        FeatureSet sent = Features(count, features);

        Task sending = StreamPair.OnThread(() => Send(sent, sent.Digest()));
        TrainingData actual = DatasetReceiver.ReceiveAll(_pair.Far, Spec(count), Run);
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal(sent.Sha256(), Assert.IsType<FeatureSet>(actual.Examples).Sha256());
        Assert.Equal(sent.Digest(), actual.Digest);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(10)] // the run's last step is over
    public void OnFrame_PieceByPiece_GivesTheExamplesOfTheRunsNextStepsFirst(long step)
    {
        RunSpec spec = Spec(10) with { BatchSize = 3, TotalSteps = 10 };
        FeatureSet rows = Features(10, 60_000); // four fit into a frame
        var transfer = new DatasetTransfer(_streams.Far, Origin, spec, Data(rows), new DataStart(step, BeginsEarly: true));
        transfer.Announce();
        while (transfer.SendNext())
        {
        }

        var receiver = new DatasetReceiver(spec, Run, () => { });
        var order = new ExampleOrder(spec);
        int pieces = 0;
        while (receiver.Received is null)
        {
            receiver.OnFrame(_streams.Near, _streams.Near.ReceiveHeader(FrameKind.Data));
            if (!receiver.CanBegin)
                continue;
            pieces++;
            for (long of = step; of < Math.Min(receiver.StepsArrived, spec.TotalSteps); of++)
            {
                var batch = Lockstep.Model.Reduction.BatchPosition.Of(spec, of);
                foreach (int example in order.Epoch(batch.Epoch).Slice(batch.First, batch.Count))
                    Assert.True(rows.Content(example).SequenceEqual(receiver.Examples!.Content(example)), $"step {of}, row {example}");
            }
        }

        Assert.Equal((3, long.MaxValue), (pieces, receiver.StepsArrived));
        Assert.Equal(rows.Sha256(), receiver.Received.Examples.Sha256());
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void ReceiveAll_InSharedMemory_IsTheSameContentAndIsNotSent(int channels)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        ImageSet images = Images(100, 14, 14, channels);
        SharedExamples shared = SharedExamples.TryCreate(images)!;
        NewTransfer(images, images.Digest()).Announce(place: shared.Place);
        long announced = _pair.Near.BytesSent;
        TrainingData actual = DatasetReceiver.ReceiveAll(_pair.Far, Spec(100), Run);

        Assert.Equal((images.Sha256(), images.Digest()), (actual.Examples.Sha256(), actual.Digest));
        Assert.InRange(announced, 1, 200);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(
            $"/proc/{shared.Place.Process}/fd/{shared.Place.Descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(file, [1, 2, 3], 5000));
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(file, 0));
    }

    [SkippableFact]
    public void ReceiveAll_SharedMemoryThatIsNotTheAnnouncedExamples_IsRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        ImageSet images = Images(100, 14, 14);
        SharedExamples other = SharedExamples.TryCreate(ImageSet.FromDense(new byte[100 * 196], new byte[100], 14, 14))!,
            sameSize = SharedExamples.TryCreate(Images(100, 14, 14, seed: 9))!;
        NewTransfer(images, images.Digest()).Announce(place: sameSize.Place);
        Assert.Equal(StreamError.BadContent, ReceiveFails(100).Error);

        // Another size: it is asked for.
        var requests = 0;
        NewTransfer(images, images.Digest()).Announce(place: other.Place);
        var receiver = new DatasetReceiver(Spec(100), Run, () => requests++);
        receiver.OnFrame(_pair.Far, _pair.Far.ReceiveHeader(FrameKind.Data));
        Assert.Equal((1, null), (requests, receiver.Received));
    }

    [Fact]
    public void ReceiveAll_SharedMemoryOutOfReach_IsSentInstead()
    {
        ImageSet images = Images(10, 4, 4);
        DatasetTransfer transfer = NewTransfer(images, images.Digest());
        transfer.Announce(place: new SharedMemoryPlace(int.MaxValue, 3, new byte[16]));
        while (transfer.SendNext())
        {
        }

        Assert.Equal(images.Sha256(), DatasetReceiver.ReceiveAll(_pair.Far, Spec(10), Run).Examples.Sha256());
        Assert.Equal(0, _pair.Near.ReceiveHeader(FrameKind.Data).PayloadLength);
    }

    [Fact]
    public void Receive_FeatureThatIsNotFinite_IsRefused()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 2, 1, 2, 0, 0));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, [0]);
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 1 }, [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x7F]); // 1, infinity

        StreamException error = ReceiveFails(1);
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("its data set is not valid. Row 0 has the value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_FeaturesOfAnotherDigest_IsRefused()
    {
        Send(Features(10, 4), Features(10, 5).Digest());

        Assert.Contains("announced was", ReceiveFails(10).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_ImagesThatTheWorkerHolds_AreNotSentAgain()
    {
        ImageSet images = Images(2_000, 28, 28), other = Images(3, 28, 28);
        long before = _pair.Near.BytesSent;
        NewTransfer(images, images.Digest()).Announce(isHeld: true);
        Assert.InRange(_pair.Near.BytesSent - before, 1, 200);
        Assert.Same(images, DatasetReceiver.ReceiveAll(_pair.Far, Spec(2_000), Run, Data(images)).Examples);

        NewTransfer(images, images.Digest()).Announce(isHeld: true);
        var error = Assert.Throws<StreamException>(() => DatasetReceiver.ReceiveAll(_pair.Far, Spec(2_000), Run, Data(other)));
        Assert.Contains(
            $"refers to examples with the digest {images.Digest()}, held are {other.Digest()}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 1, 10, 28, 28, 100, "has format 9")]
    [InlineData(4, 1, 11, 28, 28, 100, "announces 11 examples; the run trains on 10")]
    [InlineData(4, 4, 10, 28, 0, 0, "do not belong together")]
    [InlineData(4, 4, 10, 28, 257, 0, "do not belong together")]
    [InlineData(4, 4, 10, 28, 1, 1, "do not belong together")]
    [InlineData(4, 2, 10, 28, 1, 0, "do not belong together")]
    [InlineData(4, 1, 0, 28, 28, 0, "do not belong together")]
    [InlineData(4, 1, -1, 28, 28, 0, "do not belong together")]
    [InlineData(4, 1, 10, 0, 28, 0, "do not belong together")]
    [InlineData(4, 1, 10, 300, 300, 100, "do not belong together")]
    [InlineData(4, 1, 10, 2, 2, 21, "do not belong together")]
    [InlineData(4, 1, 10, 2, 2, -1, "do not belong together")]
    [InlineData(4, 1, 1, int.MaxValue, int.MaxValue, 0, "do not belong together")]
    [InlineData(4, 1, int.MaxValue, 256, 256, int.MaxValue, "at most 2,147,483,647 are accepted")]
    [InlineData(4, 0, 10, 28, 28, 100, "announces examples of the kind 0, which this build does not know")]
    [InlineData(4, 2, 0, 20, 0, 0, "do not belong together")]
    [InlineData(4, 2, 10, 0, 0, 0, "do not belong together")]
    [InlineData(4, 2, 10, 65_537, 0, 0, "do not belong together")]
    [InlineData(4, 2, 10, 20, 1, 0, "do not belong together")]
    [InlineData(4, 2, 10, 20, 0, 1, "do not belong together")]
    [InlineData(4, 2, int.MaxValue, 65_536, 0, 0, "at most 2,147,483,647 are accepted")]
    public void Receive_HostileAnnouncement_IsRefusedBeforeAnythingIsAllocated(
        int version, int kind, int count, int height, int width, int entries, string message)
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(version, kind, count, height, width, entries));
        long before = GC.GetAllocatedBytesForCurrentThread();

        StreamException error = ReceiveFails(10);

        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Receive_ContentOfAnotherDigest_IsRefused()
    {
        Send(Images(10, 4, 4), new string('0', 32));

        StreamException error = ReceiveFails(10);
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("announced was 0000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_IndexThatIsNoneOfImages_IsRefused()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 1, 1, 2, 2, 1));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, [0, 0, 0, 0, 255, 255, 255, 255]); // row starts 0, -1
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 8 }, [0]);

        StreamException error = ReceiveFails(1);
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("its data set is not valid", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_EntryOutsideOfItsImage_IsRefused()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 1, 1, 2, 2, 1));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, [0, 0, 0, 0, 1, 0, 0, 0]);
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 8 }, [0]);
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 9 }, [5, 5, 2, 0]); // pair 2 of 2

        Assert.Contains("its data set is not valid. Image 0: pair 2", ReceiveFails(1).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1001)]
    public void Receive_FromAStepThatTheRunDoesNotHave_IsRefused(long step)
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 1, 1, 2, 2, 1, step));

        Assert.Contains($"from step {step:N0} on; the run has 1,000 steps", ReceiveFails(1).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_MoreThanAnnounced_IsRefused()
    {
        ImageSet images = Images(1, 1, 1);
        var receiver = new DatasetReceiver(Spec(1), Run, () => { });
        DatasetTransfer transfer = NewTransfer(images, images.Digest());
        transfer.Announce();
        while (transfer.SendNext())
        {
        }

        while (receiver.Received is null)
            receiver.OnFrame(_pair.Far, _pair.Far.ReceiveHeader());
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run, Step = 8 + 1 + 4 }, []);
        Assert.Throws<StreamException>(() => receiver.OnFrame(_pair.Far, _pair.Far.ReceiveHeader()));
    }

    [Theory]
    [InlineData(Run, 4, 8, StreamError.BadContent)] // a gap
    [InlineData(Run + 1, 0, 8, StreamError.BadContent)] // another run
    [InlineData(Run, 0, 7, StreamError.WrongLength)] // a short piece
    public void Receive_PieceOutOfPlace_IsRefused(ulong run, long step, int length, StreamError expected)
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 1, 1, 2, 2, 1));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = run, Step = step }, new byte[length]);

        Assert.Equal(expected, ReceiveFails(1).Error);
    }

    [Fact]
    public void Receive_GoodbyeInTheMiddle_GivesTheReason()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 1, 1, 2, 2, 1));
        _pair.Near.SendLast(FrameKind.Bye, Run, 0, "stopping");

        StreamException error = ReceiveFails(1);
        Assert.Equal((StreamError.EndOfStream, "stopping"), (error.Error, error.Problem));
    }

    private StreamException ReceiveFails(int examples) =>
        Assert.Throws<StreamException>(() => DatasetReceiver.ReceiveAll(_pair.Far, Spec(examples), Run));

    /// <summary>On the caller's thread, small enough for the system's buffers, so that nobody needs to read meanwhile.</summary>
    private void Send(Examples examples, string digest)
    {
        DatasetTransfer transfer = NewTransfer(examples, digest);
        transfer.Announce();
        while (transfer.SendNext())
        {
        }
    }

    private DatasetTransfer NewTransfer(Examples examples, string digest) =>
        new(_pair.Near, Origin, Spec(examples.Count), new TrainingData(examples, digest), default);

    private static RunSpec Spec(int examples) => new()
    {
        Model = ModelSpec.Parse("4-2"),
        Seed = 3,
        BatchSize = 1,
        Shards = 1,
        TotalSteps = 1000,
        Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0, L2 = 0 },
        Data = new DataSpec { Name = "test", Sha256 = new string('0', 64), TrainingExamples = examples, ValidationExamples = 0 },
    };

    private static TrainingData Data(Examples examples) => new(examples, examples.Digest());

    private static ImageSet Images(int count, int height, int width, int channels = 1, int seed = 3)
    {
        byte[] pixels = new byte[count * height * width * channels], labels = new byte[count];
        new Random(seed).NextBytes(pixels);
        new Random(4).NextBytes(labels);
        return ImageSet.FromDense(pixels, labels, height, width, channels);
    }

    private static FeatureSet Features(int count, int features)
    {
        var random = new Random(5);
        float[] values = [.. Enumerable.Range(0, count * features).Select(_ => (float)(random.NextDouble() - 0.5))];
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(256))];
        return FeatureSet.FromRows(values, labels, features);
    }

    private static byte[] Announcement(int version, int kind, int count, int height, int width, int entries, long step = 0)
    {
        byte[] bytes = new byte[52];
        int[] fields = [version, kind, count, height, width, entries];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), fields[i]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), step);
        return bytes;
    }
}
