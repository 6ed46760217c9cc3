using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>Frames over bytes that no socket carries.</summary>
public class FrameStreamTests
{
    [Fact]
    public void Send_IntoMemory_IsReceivedFromIt()
    {
        using var bytes = new MemoryStream();
        using var stream = new FrameStream(bytes, "memory", isWithinMachine: true);
        byte[] payload = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)], received = new byte[payload.Length];
        stream.Send(new FrameHeader { Kind = FrameKind.Data, Step = 7 }, payload);
        bytes.Position = 0;

        FrameHeader header = stream.ReceiveHeader(FrameKind.Data);
        stream.ReceivePayload(header, received);

        Assert.Equal(7, header.Step);
        Assert.Equal(payload, received);
        Assert.Equal((FrameHeader.Size + payload.Length, bytes.Length), (stream.BytesSent, stream.BytesReceived));
        Assert.True(stream.CanSendAtOnce());
        Assert.Equal(StreamError.EndOfStream, Assert.Throws<StreamException>(() => stream.ReceiveHeader()).Error);
    }

    [Fact]
    public void ReceiveHeader_PingsBeforeTheExpectedKind_ArePassedOver()
    {
        using var bytes = new MemoryStream();
        using var stream = new FrameStream(bytes, "memory", isWithinMachine: true);
        stream.Send(new FrameHeader { Kind = FrameKind.Ping }, []);
        stream.Send(new FrameHeader { Kind = FrameKind.Ping }, []);
        stream.Send(new FrameHeader { Kind = FrameKind.Ready, Step = 3 }, []);
        bytes.Position = 0;

        Assert.Equal(3, stream.ReceiveHeader(FrameKind.Ready).Step);
    }

    [Fact]
    public void Receive_StreamThatFails_IsBrokenOrWhatItsClassMakesOfIt()
    {
        using var plain = new FrameStream(new FailingStream(new IOException("No such pipe.")), "memory", isWithinMachine: true);
        using var other = new FrameStream(new FailingStream(new InvalidOperationException("a mistake")), "memory", isWithinMachine: true);

        StreamException error = Assert.Throws<StreamException>(() => plain.ReceiveHeader());

        Assert.Equal((StreamError.Broken, "the connection broke: No such pipe."), (error.Error, error.Problem));
        Assert.IsType<IOException>(error.InnerException);
        Assert.Throws<InvalidOperationException>(() => other.ReceiveHeader());
    }

    [Fact]
    public void Receive_AfterDispose_IsClosed()
    {
        var stream = new FrameStream(new FailingStream(new IOException("gone")), "memory", isWithinMachine: true);
        stream.Dispose();

        Assert.Equal(StreamError.Closed, Assert.Throws<StreamException>(() => stream.ReceiveHeader()).Error);
        Assert.Equal(
            StreamError.Closed, Assert.Throws<StreamException>(() => stream.Send(new FrameHeader { Kind = FrameKind.Ping }, [])).Error);
    }

    private sealed class FailingStream(Exception failure) : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw failure;

        public override void Write(ReadOnlySpan<byte> buffer) => throw failure;
    }
}
