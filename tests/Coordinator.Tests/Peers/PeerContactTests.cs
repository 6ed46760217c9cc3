using System.Collections.Concurrent;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Shared.Files;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Files;

namespace Lockstep.Coordinator.Tests.Peers;

/// <summary>A coordinator stops following a peer before it leads: from then on the files are its own.</summary>
public sealed class PeerContactTests : IDisposable
{
    private const ulong Run = 7;

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-peer-").FullName;
    private readonly ConcurrentQueue<string> _order = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Follow_StopsInTheMiddleOfAWrite_ReturnsAfterIt()
    {
        using var closed = new ManualResetEventSlim();
        Thread? stops = null;
        PeerContact? contact = null;
        var disk = new DelegatingDisk { Opens = _ => new SlowFile(Write) };
        contact = new PeerContact(1, Options(), new RecordingMailbox(), disk);
        using var connection = new FrameStream(new Received(Frames(Options()), closed), "peer", isWithinMachine: true);
        connection.Limits = StreamLimits.For(new ParameterLayout(Options().Spec.Model));
        using PeerStream stream = contact.Open(connection);
        contact.Follow(true);

        Assert.True(stream.OnFrame(connection.ReceiveHeader()));
        Assert.True(stream.OnFrame(connection.ReceiveHeader()));
        stops!.Join();

        Assert.Equal(["written", "stopped"], _order);

        void Write()
        {
            stops = new Thread(() =>
            {
                contact!.Follow(false);
                _order.Enqueue("stopped");
            });
            stops.Start();
            closed.Wait();
            _order.Enqueue("written");
        }
    }

    [Fact]
    public void OnFrame_OfAStreamThatIsNoLongerFollowed_SavesNothing()
    {
        using var closed = new ManualResetEventSlim();
        var contact = new PeerContact(1, Options(), new RecordingMailbox(), Disk.OfThisMachine);
        using var connection = new FrameStream(new Received(Frames(Options()), closed), "peer", isWithinMachine: true);
        connection.Limits = StreamLimits.For(new ParameterLayout(Options().Spec.Model));
        using PeerStream stream = contact.Open(connection);
        contact.Follow(true);
        Assert.True(stream.OnFrame(connection.ReceiveHeader()));
        Assert.True(stream.OnFrame(connection.ReceiveHeader()));
        FrameHeader whole = connection.ReceiveHeader();

        contact.Follow(false);

        Assert.Equal(StreamError.Closed, Assert.Throws<StreamException>(() => stream.OnFrame(whole)).Error);
        Assert.False(File.Exists(Options().TraceFile));
    }

    private TrainingOptions Options() =>
        SmallRun.Options() with { CheckpointDirectory = _folder, TraceFile = Path.Combine(_folder, "trace.txt") };

    /// <summary>What a leader sends: the run spec, a piece of the trace, and that it is all of it.</summary>
    private static byte[] Frames(TrainingOptions options)
    {
        var bytes = new MemoryStream();
        using var stream = new FrameStream(bytes, "", isWithinMachine: true);
        var header = new FrameHeader { Kind = FrameKind.RunSpec, Run = Run, Term = 1, Node = (uint)ReplicaFile.Trace };
        stream.Send(header, RunSpecCodec.Encode(options.Spec));
        stream.Send(header with { Kind = FrameKind.Replica }, "a line\n"u8);
        stream.Send(header with { Kind = FrameKind.ReplicaWhole }, []);
        return bytes.ToArray();
    }

    /// <summary>Bytes to read; what is written is lost.</summary>
    private sealed class Received(byte[] bytes, ManualResetEventSlim closed) : MemoryStream(bytes)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        protected override void Dispose(bool disposing)
        {
            closed.Set();
            base.Dispose(disposing);
        }
    }

    /// <summary>A file whose writes take as long as the test wants.</summary>
    private sealed class SlowFile(Action writing) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => writing();
    }
}
