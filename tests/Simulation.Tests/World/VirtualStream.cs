using System.IO.Hashing;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Simulation.Tests.World;

/// <summary>One end of a simulated tensor stream. Frames cross it as the bytes that the real codec makes of them.</summary>
internal sealed class StreamEnd
{
    private readonly VirtualNetwork _network;
    private readonly SimProcess _process;
    private readonly int _host;
    private readonly FifoLine _line = new();
    private StreamEnd _peer = null!;

    private StreamEnd(VirtualNetwork network, int host, SimProcess process) => (_network, _host, _process) = (network, host, process);

    // What the system takes before it lets a sender wait.
    private const int MostUnderWay = 3;

    private int _underWay;

    /// <summary>Memory that both ends see: the slots that the worker writes gradients into. None where they do not share any.</summary>
    public AlignedBuffer[] SharedGradients { get; private init; } = [];

    /// <summary>The peer does not read: a sender waits.</summary>
    public bool IsFull => !IsClosed && _underWay >= MostUnderWay;

    /// <summary>Whether this side has closed it or seen its end.</summary>
    public bool IsClosed { get; private set; }

    public Action<FrameHeader, byte[]> OnFrame { get; set; } = (_, _) => { };

    /// <summary>The peer closed the stream, or its process is gone.</summary>
    public Action OnEnd { get; set; } = () => { };

    /// <summary>What is found wrong with a frame, which on this network nothing may be.</summary>
    public Action<string> OnDamage { get; set; } = _ => { };

    public static (StreamEnd Near, StreamEnd Far) Connect(
        VirtualNetwork network, int nearHost, SimProcess near, int farHost, SimProcess far, AlignedBuffer[] sharedGradients)
    {
        var a = new StreamEnd(network, nearHost, near) { SharedGradients = sharedGradients };
        var b = new StreamEnd(network, farHost, far) { SharedGradients = sharedGradients };
        (a._peer, b._peer) = (b, a);
        return (a, b);
    }

    public void Send(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (IsClosed)
            return;
        byte[] frame = Encode(header, payload);
        _underWay++;
        _network.Stream(_host, _peer._host, _peer._process, _line, Describe(header), () =>
        {
            _underWay--;
            _peer.Receive(frame);
        });
    }

    /// <summary>Ends the stream in good order: what is under way still arrives.</summary>
    public void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _network.Stream(_host, _peer._host, _peer._process, _line, "end of stream", _peer.End);
    }

    /// <summary>The connection breaks: both ends notice, and what is under way is lost.</summary>
    public void Break()
    {
        foreach (StreamEnd end in (StreamEnd[])[this, _peer])
        {
            if (end.IsClosed)
                continue;
            end.IsClosed = true;
            _network.Timeline.Send(end._process, null, _network.Latency(end._host, end._host), "connection reset", end.OnEnd);
        }
    }

    /// <summary>The process behind this end is gone and its system says so to the peer, or not (a machine without power).</summary>
    public void Abandon(bool tellsPeer)
    {
        if (tellsPeer)
            Close();
        IsClosed = true;
    }

    private void End()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        OnEnd();
    }

    private void Receive(byte[] frame)
    {
        if (IsClosed)
            return;
        FrameHeader header = FrameHeader.Read(frame, _peer._process.Name);
        if (header.PayloadLength != frame.Length - FrameHeader.Size || header.Hash != Hash(frame))
            OnDamage($"A {header.Kind} frame arrived changed.");
        OnFrame(header, frame[FrameHeader.Size..]);
    }

    private static byte[] Encode(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        header = header with { PayloadLength = payload.Length, Hash = 0 };
        header.Write(frame);
        (header with { Hash = Hash(frame) }).Write(frame);
        return frame;
    }

    private static ulong Hash(byte[] frame)
    {
        Span<byte> hashed = stackalloc byte[4096];
        int length = frame.Length - (FrameHeader.Size - FrameHeader.HashedSize);
        if (length > hashed.Length)
            hashed = new byte[length];
        frame.AsSpan(0, FrameHeader.HashedSize).CopyTo(hashed);
        frame.AsSpan(FrameHeader.Size).CopyTo(hashed[FrameHeader.HashedSize..]);
        return XxHash3.HashToUInt64(hashed[..length]);
    }

    private static string Describe(in FrameHeader header) => header.Kind switch
    {
        FrameKind.Weights => "Weights",
        FrameKind.Gradient => "Gradient",
        FrameKind.Assign => "Assign",
        _ => header.Kind.ToString(),
    };
}
