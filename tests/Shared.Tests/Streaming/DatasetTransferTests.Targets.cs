using Lockstep.Model.Data;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>Rows with targets.</summary>
public sealed partial class DatasetTransferTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 3, 2)]
    [InlineData(2_000, 3, 200)] // the targets take several frames
    public async Task Receive_Targets_IsTheSameContent(int count, int features, int outputs)
    {
        FeatureSet sent = Targets(count, features, outputs);

        Task sending = StreamPair.OnThread(() => Send(sent, sent.Digest()));
        TrainingData actual = DatasetReceiver.ReceiveAll(_pair.Far, Spec(count), Run);
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal(sent.Targets, Assert.IsType<FeatureSet>(actual.Examples).Targets);
        Assert.Equal((sent.Sha256(), sent.Digest()), (actual.Examples.Sha256(), actual.Digest));
    }

    [SkippableFact]
    public void ReceiveAll_TargetsInSharedMemory_IsTheSameContent()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        FeatureSet rows = Targets(100, 5, 3);
        SharedExamples shared = SharedExamples.TryCreate(rows)!;
        NewTransfer(rows, rows.Digest()).Announce(place: shared.Place);

        TrainingData actual = DatasetReceiver.ReceiveAll(_pair.Far, Spec(100), Run);

        Assert.Equal((rows.Sha256(), rows.Digest()), (actual.Examples.Sha256(), actual.Digest));
    }

    [Fact]
    public void Receive_TargetThatIsNotFinite_IsRefused()
    {
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, Announcement(4, 4, 1, 1, 2, 0));
        _pair.Near.Send(new FrameHeader { Kind = FrameKind.Data, Run = Run }, [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x7F]); // 1, infinity

        StreamException error = ReceiveFails(1);
        Assert.Equal(StreamError.BadContent, error.Error);
        Assert.Contains("Row 0 has the value", error.Message, StringComparison.Ordinal);
        Assert.Contains("for target 1", error.Message, StringComparison.Ordinal);
    }

    private static FeatureSet Targets(int count, int features, int outputs)
    {
        float[] targets = [.. Enumerable.Range(0, count * outputs).Select(i => i - 3.5f)];
        return FeatureSet.FromTargets(Features(count, features).Values, targets, features, outputs);
    }
}
