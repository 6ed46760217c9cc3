using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class TensorConnectionTests
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("784-256-10"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_320)]
    [InlineData(16_321)]
    [InlineData(820_288)]
    public async Task Send_PayloadOfAnyLength_ArrivesUnchanged(int length)
    {
        using var pair = new StreamPair();
        pair.Far.Limits = StreamLimits.For(Layout);
        byte[] payload = new byte[length];
        new Random(1).NextBytes(payload);
        var header = new FrameHeader
        {
            Kind = FrameKind.Gradient,
            Run = ulong.MaxValue,
            Term = 3,
            Step = long.MaxValue,
            Node = new TreeNode(2, 5).ToKey(),
            Statistics = new NodeStatistics(double.NaN, 7, 9),
            ComputeMicroseconds = 1234,
        };

        Task sending = StreamPair.OnThread(() => pair.Near.Send(header, payload));
        FrameHeader received = pair.Far.ReceiveHeader();
        byte[] actual = new byte[length];
        pair.Far.ReceivePayload(received, actual);
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal(header with { PayloadLength = length, Hash = received.Hash }, received);
        Assert.Equal(payload, actual);
        Assert.Equal(FrameHeader.Size + length, pair.Near.BytesSent);
        Assert.Equal(FrameHeader.Size + length, pair.Far.BytesReceived);
    }

    [Fact]
    public void Send_SteadyState_AllocatesNothing()
    {
        using var pair = new StreamPair();
        pair.Far.Limits = StreamLimits.For(Layout);
        float[] tensor = new float[8_000];
        var header = new FrameHeader { Kind = FrameKind.Weights };
        void Exchange(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                pair.Near.Send(header with { Step = i }, MemoryMarshal.AsBytes(tensor.AsSpan()));
                FrameHeader received = pair.Far.ReceiveHeader();
                pair.Far.ReceivePayload(received, MemoryMarshal.AsBytes(tensor.AsSpan()));
            }
        }

        Exchange(50);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(200);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Fixes what the hash covers: another build must compute the same.</summary>
    [Fact]
    public void Send_KnownFrame_HasTheGoldenBytes()
    {
        using var pair = new StreamPair();
        pair.Near.Send(new FrameHeader { Kind = FrameKind.Ready, Run = 1, Term = 2, Step = 3 }, "Lockstep"u8);

        byte[] bytes = new byte[FrameHeader.Size + 8];
        ReceiveAll(pair.FarSocket, bytes);

        Assert.Equal(
            "4C4B535403040000" + "0100000000000000" + "0300000000000000" + "02000000" + "00000000" + "08000000" + "00000000"
            + "0000000000000000" + "0000000000000000" + "0000000000000000" + "7937BB3D43160227" + "4C6F636B73746570",
            Convert.ToHexString(bytes));
    }

    [Fact]
    public void ReceivePayload_AnyBitChangedOnTheWay_IsBadHash()
    {
        byte[] frame = Capture(new FrameHeader { Kind = FrameKind.Ready, Run = 1 }, "Lockstep"u8);
        foreach (int offset in (int[])[8, 20, 30, 41, FrameHeader.Size - 1, FrameHeader.Size, frame.Length - 1])
        {
            using var pair = new StreamPair();
            byte[] changed = [.. frame];
            changed[offset] ^= 0x10;
            pair.FarSocket.Send(changed);

            FrameHeader header = pair.Near.ReceiveHeader();

            Assert.Equal(StreamError.BadHash, Catch(() => pair.Near.ReceivePayload(header, new byte[8])).Error);
        }
    }

    [Fact]
    public void ReceiveHeader_HeaderOnlyFrameChangedOnTheWay_IsBadHash()
    {
        byte[] frame = Capture(new FrameHeader { Kind = FrameKind.Ready, Run = 1 }, []);
        frame[8] ^= 1;
        using var pair = new StreamPair();
        pair.FarSocket.Send(frame);

        Assert.Equal(StreamError.BadHash, Catch(() => pair.Near.ReceiveHeader()).Error);
    }

    [Theory]
    [InlineData(FrameKind.Hello, 273)]
    [InlineData(FrameKind.RunSpec, StreamLimits.RunSpecBytes + 1)]
    [InlineData(FrameKind.Data, StreamLimits.DataBytes + 1)]
    [InlineData(FrameKind.Ready, StreamLimits.ReadyBytes + 1)]
    [InlineData(FrameKind.Assign, (RunSpec.MaxShards + 1) * 4 + 1)]
    [InlineData(FrameKind.Weights, 820_289)]
    [InlineData(FrameKind.Gradient, int.MaxValue)]
    [InlineData(FrameKind.Bye, StreamLimits.ReasonBytes + 1)]
    [InlineData(FrameKind.Ping, 1)]
    [InlineData(FrameKind.Peer, 261)]
    [InlineData(FrameKind.PeerStatus, 4097)]
    [InlineData(FrameKind.Follow, 1)]
    public void ReceiveHeader_LongerThanTheLimit_IsRefusedBeforeThePayloadArrives(FrameKind kind, int length)
    {
        using var pair = new StreamPair();
        pair.Near.Limits = StreamLimits.For(Layout);
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader { Kind = kind, PayloadLength = length }.Write(header);
        pair.FarSocket.Send(header);

        Assert.Equal(StreamError.TooLong, Catch(() => pair.Near.ReceiveHeader()).Error);
    }

    [Theory]
    [InlineData(FrameKind.Weights)]
    [InlineData(FrameKind.Gradient)]
    public void ReceiveHeader_TensorBeforeTheModelIsKnown_IsRefused(FrameKind kind)
    {
        using var pair = new StreamPair();
        pair.Far.Send(new FrameHeader { Kind = kind }, new byte[4]);

        Assert.Equal(StreamError.TooLong, Catch(() => pair.Near.ReceiveHeader()).Error);
    }

    [Fact]
    public void ReceivePayload_ShorterThanItsPlace_IsWrongLength()
    {
        using var pair = new StreamPair();
        pair.Far.Send(new FrameHeader { Kind = FrameKind.Ready }, new byte[4]);

        FrameHeader header = pair.Near.ReceiveHeader();

        Assert.Equal(StreamError.WrongLength, Catch(() => pair.Near.ReceivePayload(header, new byte[8])).Error);
    }

    [Fact]
    public async Task SkipPayload_StaleFrame_LeavesTheNextOneWhole()
    {
        using var pair = new StreamPair();
        pair.Near.Limits = StreamLimits.For(Layout);
        Task sending = StreamPair.OnThread(() =>
        {
            pair.Far.Send(new FrameHeader { Kind = FrameKind.Gradient, Step = 1 }, new byte[200_000]);
            pair.Far.Send(new FrameHeader { Kind = FrameKind.Ready, Step = 2 }, "next"u8);
        });

        pair.Near.SkipPayload(pair.Near.ReceiveHeader());
        FrameHeader next = pair.Near.ReceiveHeader(FrameKind.Ready);
        byte[] payload = new byte[4];
        pair.Near.ReceivePayload(next, payload);

        Assert.Equal("next"u8.ToArray(), payload);
        await sending.WaitAsync(StreamPair.Deadline);
    }

    [Fact]
    public void ReceiveHeader_PayloadNotReceivedYet_IsAMistakeOfTheCaller()
    {
        using var pair = new StreamPair();
        pair.Far.Send(new FrameHeader { Kind = FrameKind.Ready }, new byte[4]);
        pair.Near.ReceiveHeader();

        Assert.Throws<InvalidOperationException>(() => pair.Near.ReceiveHeader());
    }

    [Fact]
    public void ReceiveHeader_ByeWhereAnotherFrameIsExpected_GivesThePeersReason()
    {
        using var pair = new StreamPair();
        pair.Far.SendLast(FrameKind.Refusal, 1, 0, "The kernels differ.\u001b[31m");

        StreamException error = Catch(() => pair.Near.ReceiveHeader(FrameKind.RunSpec));

        Assert.Equal(StreamError.Refused, error.Error);
        Assert.Equal("The kernels differ. [31m", error.Problem);
    }

    [Fact]
    public void SendLast_ReasonLongerThanAllowed_IsCutAtACharacter()
    {
        using var pair = new StreamPair();
        pair.Far.SendLast(FrameKind.Bye, 1, 0, new string('\u00e4', StreamLimits.ReasonBytes));

        FrameHeader bye = pair.Near.ReceiveHeader(FrameKind.Bye);

        Assert.Equal(new string('\u00e4', StreamLimits.ReasonBytes / 2), pair.Near.ReceiveReason(bye));
    }

    [Fact]
    public void ReceiveHeader_AnotherKindThanExpected_SaysBoth()
    {
        using var pair = new StreamPair();
        pair.Far.Send(new FrameHeader { Kind = FrameKind.Assign }, []);

        StreamException error = Catch(() => pair.Near.ReceiveHeader(FrameKind.RunSpec));

        Assert.Equal(StreamError.UnexpectedKind, error.Error);
        Assert.Contains("got a Assign frame, expected RunSpec", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "it closed the connection.")]
    [InlineData(10, "in the middle of a frame")]
    public void ReceiveHeader_PeerCloses_IsEndOfStream(int bytesBefore, string message)
    {
        using var pair = new StreamPair();
        pair.FarSocket.Send(Capture(new FrameHeader { Kind = FrameKind.Ready }, [])[..bytesBefore]);
        pair.Far.Dispose();

        StreamException error = Catch(() => pair.Near.ReceiveHeader());

        Assert.Equal(StreamError.EndOfStream, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReceivePayload_PeerDiesInTheMiddle_IsAnError()
    {
        using var pair = new StreamPair();
        byte[] frame = Capture(new FrameHeader { Kind = FrameKind.Ready }, new byte[100]);
        pair.FarSocket.Send(frame[..^1]);
        FrameHeader header = pair.Near.ReceiveHeader();
        pair.FarSocket.LingerState = new LingerOption(true, 0); // A reset instead of an orderly end.
        pair.FarSocket.Close();

        Assert.Contains(
            Catch(() => pair.Near.ReceivePayload(header, new byte[100])).Error,
            (StreamError[])[StreamError.Broken, StreamError.EndOfStream]);
    }

    [Fact]
    public void ReceiveHeader_NothingWithinTheDeadline_IsATimeout()
    {
        using var pair = new StreamPair();
        pair.FarSocket.Send(Capture(new FrameHeader { Kind = FrameKind.Ready }, [])[..20]);
        pair.Near.SetReceiveDeadline(TimeSpan.FromMilliseconds(50));

        Assert.Equal(StreamError.Timeout, Catch(() => pair.Near.ReceiveHeader()).Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void SetIdleTimeout_NothingForThatLong_IsATimeout(int bytesBefore)
    {
        using var pair = new StreamPair();
        pair.Near.SetReceiveDeadline(null);
        pair.Near.SetIdleTimeout(TimeSpan.FromMilliseconds(50));
        pair.FarSocket.Send(Capture(new FrameHeader { Kind = FrameKind.Ready }, [])[..bytesBefore]);

        Assert.Equal(StreamError.Timeout, Catch(() => pair.Near.ReceiveHeader()).Error);
    }

    [Fact]
    public void SetIdleTimeout_PeerThatPings_GoesOnForLongerThanThat()
    {
        using var pair = new StreamPair();
        pair.Near.SetReceiveDeadline(null);
        var idle = TimeSpan.FromMilliseconds(200);
        pair.Near.SetIdleTimeout(idle);

        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < idle * 1.2)
        {
            pair.Far.Send(new FrameHeader { Kind = FrameKind.Ping }, []);
            Assert.Equal(FrameKind.Ping, pair.Near.ReceiveHeader().Kind);
        }
    }

    [Fact]
    public void SetIdleTimeout_WithADeadline_WhicheverPassesFirstHolds()
    {
        using StreamPair first = new(), second = new(), third = new();
        first.Near.SetIdleTimeout(StreamPair.Deadline);
        first.Near.SetReceiveDeadline(TimeSpan.FromMilliseconds(50));
        second.Near.SetReceiveDeadline(StreamPair.Deadline);
        second.Near.SetIdleTimeout(TimeSpan.FromMilliseconds(50));
        third.Near.SetIdleTimeout(TimeSpan.FromMilliseconds(50));
        third.Near.SetReceiveDeadline(null);

        long start = Stopwatch.GetTimestamp();
        foreach (StreamPair pair in (StreamPair[])[first, second, third])
            Assert.Equal(StreamError.Timeout, Catch(() => pair.Near.ReceiveHeader()).Error);
        Assert.True(Stopwatch.GetElapsedTime(start) < StreamPair.Deadline, "none of them waited for the longer time");
    }

    [Fact]
    public async Task SetIdleTimeout_Null_WaitsForWhateverComes()
    {
        using var pair = new StreamPair();
        pair.Near.SetReceiveDeadline(null);
        pair.Near.SetIdleTimeout(TimeSpan.FromMilliseconds(50));
        pair.Near.SetIdleTimeout(null);
        Task<FrameHeader> receiving = StreamPair.OnThread(() => pair.Near.ReceiveHeader());
        Task late = Task.Delay(TimeSpan.FromMilliseconds(150));

        Assert.Same(late, await Task.WhenAny(receiving, late));
        pair.Far.Send(new FrameHeader { Kind = FrameKind.Ping }, []);
        Assert.Equal(FrameKind.Ping, (await receiving.WaitAsync(StreamPair.Deadline)).Kind);
    }

    [Fact]
    public async Task Dispose_WhileAnotherThreadReceives_EndsItAtOnce()
    {
        using var pair = new StreamPair();
        pair.Near.SetReceiveDeadline(null);
        var started = new TaskCompletionSource();
        Task<StreamException> receiving = StreamPair.OnThread(() => Catch(() =>
        {
            started.SetResult();
            pair.Near.ReceiveHeader();
        }));
        await started.Task.WaitAsync(StreamPair.Deadline);

        pair.Near.Dispose();

        Assert.Equal(StreamError.Closed, (await receiving.WaitAsync(StreamPair.Deadline)).Error);
    }

    [Fact]
    public async Task Dispose_WhileAnotherThreadSendsToAPeerThatReadsNothing_EndsItAtOnce()
    {
        using var pair = new StreamPair();
        var started = new TaskCompletionSource();
        Task<StreamException> sending = StreamPair.OnThread(() => Catch(() =>
        {
            for (byte[] tensor = new byte[820_288]; ; started.TrySetResult())
                pair.Near.Send(new FrameHeader { Kind = FrameKind.Weights }, tensor);
        }));
        await started.Task.WaitAsync(StreamPair.Deadline);

        pair.Near.Dispose();

        Assert.Equal(StreamError.Closed, (await sending.WaitAsync(StreamPair.Deadline)).Error);
    }

    [Fact]
    public void Send_PeerIsGone_IsATypedError()
    {
        using var pair = new StreamPair();
        pair.Far.Dispose();

        StreamException error = Catch(() =>
        {
            for (byte[] tensor = new byte[820_288]; ;)
                pair.Near.Send(new FrameHeader { Kind = FrameKind.Weights }, tensor);
        });

        Assert.Equal(StreamError.Broken, error.Error);
    }

    [Fact]
    public void Connect_NobodyListens_IsUnreachable()
    {
        int port;
        using (var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)reserved.LocalEndPoint!).Port;
        }

        StreamException error = Catch(() => TensorConnection.Connect("127.0.0.1", port, 1, new byte[16], "w", StreamPair.Deadline));

        Assert.Equal(StreamError.Unreachable, error.Error);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Connect_NoAnswer_TimesOut()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux is known to ignore connections beyond a full backlog.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using TensorConnection fills = TensorConnection.Connect("127.0.0.1", port, 1, new byte[16], "w", StreamPair.Deadline);

        StreamException error = Catch(
            () => TensorConnection.Connect("127.0.0.1", port, 1, new byte[16], "w", TimeSpan.FromMilliseconds(100)).Dispose());

        Assert.Equal(StreamError.Timeout, error.Error);
    }

    private static StreamException Catch(Action action) => Assert.Throws<StreamException>(action);

    /// <summary>The bytes of a frame on the wire.</summary>
    private static byte[] Capture(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        using var pair = new StreamPair();
        pair.Near.Send(header, payload);
        byte[] bytes = new byte[FrameHeader.Size + payload.Length];
        ReceiveAll(pair.FarSocket, bytes);
        return bytes;
    }

    private static void ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int received = socket.Receive(bytes);
            Assert.NotEqual(0, received);
            bytes = bytes[received..];
        }
    }
}
