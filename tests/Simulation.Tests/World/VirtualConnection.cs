using Lockstep.Shared.Streaming;

namespace Lockstep.Simulation.Tests.World;

/// <summary>Takes a frame whose header has come, and whose payload is there. False: the stream is over.</summary>
internal delegate bool FrameHandler(in FrameHeader header);

/// <summary>
/// One end of a virtual connection. Whole frames cross it, each as one message. The handler runs when a frame is there, and reads that
/// frame, all of it and nothing more; so nothing waits in it. What ends a connection is told as the product's stream tells it.
/// </summary>
internal sealed class VirtualConnection : FrameStream
{
    /// <summary>Frames that the system takes before it lets a sender wait.</summary>
    public const int MostUnderWay = 3;

    // A sender that sends some frames in one go asks before the first of them.
    private const int TooManyUnderWay = MostUnderWay + 8;

    private readonly VirtualNetwork _network;
    private readonly VirtualBytes _bytes;
    private readonly FifoLine _line = new();
    private readonly Queue<byte[]> _arrived = new();
    private VirtualConnection _peer = null!;
    private int _underWay;
    private bool _isHandling;
    private bool _isLost;
    private bool _isCut;
    private bool _isOver;
    private long _idleTimeout, _lastArrival;

    private VirtualConnection(VirtualNetwork network, VirtualBytes bytes, int host, SimProcess process, string peer, bool isWithinMachine)
        : base(bytes, peer, isWithinMachine)
    {
        (_network, _bytes, Host, Process) = (network, bytes, host, process);
        bytes.OnFrame = Carry;
        bytes.OnClosed = () => TellEnd();
    }

    /// <summary>The machine of this end.</summary>
    public int Host { get; }

    /// <summary>The process of this end.</summary>
    public SimProcess Process { get; }

    /// <summary>Takes frames.</summary>
    public FrameHandler OnFrame { get; set; } =
        (in FrameHeader header) => throw new InvalidOperationException($"Nobody takes the {header.Kind} frame.");

    /// <summary>Whether the next frame can be taken now; where it cannot, call <see cref="Pulse"/> when that may have changed.</summary>
    public Func<FrameHeader, bool> CanTake { get; set; } = _ => true;

    /// <summary>Nothing will come any more: why, or null when the handler has said so.</summary>
    public Action<StreamException?> OnEnd { get; set; } = _ => { };

    /// <summary>A sender that was to wait may go on.</summary>
    public Action OnRoom { get; set; } = () => { };

    /// <summary>Whether the far machine lost its power in the meantime.</summary>
    public bool IsOrphan => !IsDisposed && _peer._isLost;

    /// <summary>The machine of the far end.</summary>
    public int PeerHost => _peer.Host;

    /// <summary>Whether this side has ended it.</summary>
    public bool IsDisposed => _bytes.IsClosed;

    public static (VirtualConnection Near, VirtualConnection Far) Connect(
        VirtualNetwork network, int nearHost, SimProcess near, int farHost, SimProcess far)
    {
        bool isWithin = nearHost == farHost;
        var a = new VirtualConnection(network, new VirtualBytes(), nearHost, near, $"{far}", isWithin);
        var b = new VirtualConnection(network, new VirtualBytes(), farHost, far, $"{near}", isWithin);
        (a._peer, b._peer) = (b, a);
        network.Add(a);
        network.Add(b);
        return (a, b);
    }

    public override bool CanSendAtOnce(int payload = 0) => !IsDisposed && _underWay < MostUnderWay;

    /// <summary>If nothing comes for so long, in microseconds, it is over.</summary>
    public void SetIdleTimeout(long timeout)
    {
        _idleTimeout = timeout;
        _lastArrival = _network.Timeline.Now;
        WatchSilence();
    }

    /// <summary>Handles what has come as far as it can be taken.</summary>
    public void Pulse()
    {
        if (_isHandling)
            return;
        _isHandling = true;
        while (!_isOver && !IsDisposed && TryBegin())
            Handle();
        _isHandling = false;
    }

    /// <summary>The connection breaks: both ends notice, and what is under way is lost.</summary>
    public void Break()
    {
        Reset();
        _peer.Reset();
    }

    /// <summary>This end's process is dead. Where its machine goes on, that ends the connection; else the peer hears nothing.</summary>
    public void Abandon(bool tellsPeer)
    {
        if (IsDisposed)
            return;
        if (!tellsPeer)
            (_isLost, _bytes.OnClosed) = (true, () => { });
        Dispose();
        _network.Remove(this);
    }

    /// <summary>The other side does not know this connection any more, and says so.</summary>
    public void Reset()
    {
        _isCut = true;
        _arrived.Clear();
        if (!IsDisposed)
            _network.Stream(_peer.Host, Host, Process, new FifoLine(), "connection reset", () => EndWith(isBroken: true));
    }

    /// <summary>Something that the system sends to the peer before any frame.</summary>
    public void SendFirst(string what, Action act) => _network.Stream(Host, _peer.Host, _peer.Process, _line, what, act);

    private void Carry(byte[] frame, FrameKind kind)
    {
        if (++_underWay > TooManyUnderWay)
            throw new InvalidOperationException($"{Process} sends {_underWay} frames to {Peer} without asking whether there is room.");
        if (!_isCut)
            _network.Stream(Host, _peer.Host, _peer.Process, _line, kind.ToString(), () => _peer.Arrive(frame));
    }

    private void Arrive(byte[] frame)
    {
        if (IsDisposed || _isOver || _isCut)
            return;
        _lastArrival = _network.Timeline.Now;
        _arrived.Enqueue(frame);
        Pulse();
    }

    private void WatchSilence() => _network.Timeline.After(Process, _lastArrival + _idleTimeout - _network.Timeline.Now, () =>
    {
        if (IsDisposed || _isOver)
            return;
        if (_arrived.Count > 0)
            _lastArrival = _network.Timeline.Now; // It does not read.
        if (_network.Timeline.Now - _lastArrival < _idleTimeout)
        {
            WatchSilence();
            return;
        }

        _isOver = true;
        OnEnd(new StreamException(StreamError.Timeout, Peer, "the peer did not send what was expected in time."));
    });

    /// <summary>What is under way still arrives. A system that closes a connection with something unread in it breaks it.</summary>
    private void TellEnd()
    {
        bool isBroken = _arrived.Count > 0;
        _network.Remove(this);
        if (!_isCut)
            _network.Stream(Host, _peer.Host, _peer.Process, _line, "end of stream", () => _peer.EndWith(isBroken));
    }

    private void EndWith(bool isBroken)
    {
        if (IsDisposed)
            return;
        _bytes.IsBroken |= isBroken;
        _bytes.HasEnded = true;
        Pulse();
    }

    private bool TryBegin()
    {
        if (!_arrived.TryPeek(out byte[]? frame))
            return _bytes.HasEnded;
        if (!CanTake(FrameHeader.Read(frame, Peer)))
            return false;
        _bytes.Begin(_arrived.Dequeue());
        _network.Acknowledge(Host, _peer.Host, _peer.OnTaken);
        return true;
    }

    private void Handle()
    {
        StreamException? why = null;
        try
        {
            FrameHeader header = ReceiveHeader();
            if (OnFrame(header))
            {
                if (_bytes.Unread > 0)
                    throw new InvalidOperationException($"{Process} leaves {_bytes.Unread} bytes of a {header.Kind} frame unread.");
                return;
            }
        }
        catch (StreamException e)
        {
            why = e;
        }

        _isOver = true;
        OnEnd(why);
    }

    private void OnTaken()
    {
        bool wasFull = !CanSendAtOnce();
        _underWay--;
        if (wasFull && CanSendAtOnce())
            _network.Timeline.After(Process, _network.Latency(_peer.Host, Host), () => OnRoom());
    }
}
