using Lockstep.Shared.Streaming;

namespace Lockstep.Worker.Slices;

/// <summary>
/// A connection to another worker of the run: sends what is posted and handles what is received. Slices of a step that is over are dropped.
/// Any thread posts; one sends, one receives.
/// </summary>
internal sealed class MateLink : IDisposable
{
    /// <summary>Maximum time without sending anything.</summary>
    public static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly Queue<SliceSend> _waiting = new();
    private readonly FrameOrigin _origin;
    private readonly SliceExchange _exchange;
    private readonly Action<MateLink> _changed;
    private int? _announced;
    private bool _isSending, _isClosed;

    /// <summary>A link over a stream whose greeting is done.</summary>
    /// <param name="worker">The coordinator's number of the other worker.</param>
    /// <param name="stream">The stream; the link closes it.</param>
    /// <param name="origin">The run and term.</param>
    /// <param name="exchange">What takes the slices.</param>
    /// <param name="changed">Called when <see cref="Plan"/> or <see cref="Ended"/> has changed.</param>
    public MateLink(int worker, FrameStream stream, FrameOrigin origin, SliceExchange exchange, Action<MateLink> changed)
    {
        (Worker, Stream, _origin, _exchange, _changed) = (worker, stream, origin, exchange, changed);
        stream.Limits = StreamLimits.ForSlices(exchange.Length);
    }

    /// <summary>The coordinator's number of the other worker.</summary>
    public int Worker { get; }

    /// <summary>The stream.</summary>
    public FrameStream Stream { get; }

    /// <summary>The newest plan that the other worker has; 0 for none.</summary>
    public int Plan { get; private set; }

    /// <summary>Whether the other worker has refused the connection: it does not know the token, or not yet.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Why the connection has ended; null while it is open.</summary>
    public string? Ended { get; private set; }

    /// <summary>Called when <see cref="SendNext"/> has something to send. It must not block.</summary>
    public Action? Posted { get; set; }

    /// <summary>Whether <see cref="SendNext"/> has more to send than a ping.</summary>
    public bool HasPosted
    {
        get
        {
            lock (_lock)
                return !_isClosed && (_announced is not null || _waiting.Count > 0);
        }
    }

    /// <summary>Posts a slice, or sends it if that blocks nobody: to wake the sender takes longer.</summary>
    public void Post(in SliceSend send)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                send.Source.Release();
                return;
            }

            while (_waiting.TryPeek(out SliceSend old) && old.Step < send.Step)
                _waiting.Dequeue().Source.Release();
            if (_isSending || _waiting.Count > 0 || _announced is not null || !Stream.CanSendAtOnce(send.Bytes))
            {
                _waiting.Enqueue(send);
                Pulse();
                return;
            }

            _isSending = true;
        }

        try
        {
            send.Send(Stream, _origin);
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
        }

        EndSending();
    }

    /// <summary>Tells the other worker that this one has a plan.</summary>
    public void PostPlan(int plan)
    {
        lock (_lock)
        {
            _announced = plan;
            Pulse();
        }
    }

    /// <summary>Blocks until <see cref="SendNext"/> has something to send. False once it never will have.</summary>
    public bool WaitForWork()
    {
        lock (_lock)
        {
            if (!_isClosed && (_isSending || (_announced is null && _waiting.Count == 0)))
                _ = Monitor.Wait(_lock, MostSilence);
            return !_isClosed;
        }
    }

    /// <summary>Sends what is posted, or a ping. False if the stream has ended.</summary>
    public bool SendNext()
    {
        int? announced;
        SliceSend send;
        bool hasSlice;
        lock (_lock)
        {
            if (_isClosed)
                return false;
            if (_isSending)
                return true;
            _isSending = true;
            (announced, _announced) = (_announced, null);
            hasSlice = _waiting.TryDequeue(out send);
        }

        try
        {
            if (announced is { } plan)
                Stream.Send(Header(FrameKind.SliceLinks) with { Node = (uint)plan }, []);
            if (hasSlice && _exchange.Wants(send.Step))
                send.Send(Stream, _origin);
            else if (hasSlice)
                send.Source.Release();
            else if (announced is null)
                Stream.Send(Header(FrameKind.Ping), []);
            return true;
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
            return false;
        }
        finally
        {
            EndSending();
        }
    }

    /// <summary>Receives the next frame. False if the stream has ended.</summary>
    public bool ReceiveNext()
    {
        try
        {
            return OnFrame(Stream.ReceiveHeader());
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
            return false;
        }
    }

    /// <summary>Handles a received frame and reads its payload. False if the stream has ended.</summary>
    /// <exception cref="StreamException">The stream ended, or the frame is not acceptable.</exception>
    public bool OnFrame(in FrameHeader header)
    {
        if (header.Kind == FrameKind.Refusal)
        {
            IsRefused = true;
            OnStreamEnded(Stream.ReceiveReason(header));
            return false;
        }

        if (_origin.Objection(header) is { } objection)
            throw new StreamException(StreamError.BadContent, Stream.Peer, $"{objection}.");
        switch (header.Kind)
        {
            case FrameKind.SliceWeights:
                _exchange.ReceiveWeights(Stream, header, Worker);
                return true;
            case FrameKind.SliceGradient:
                _exchange.ReceiveGradient(Stream, header, Worker);
                return true;
            case FrameKind.SliceLinks:
                Stream.SkipPayload(header);
                Plan = (int)Math.Min(header.Node, int.MaxValue);
                _changed(this);
                return true;
            case FrameKind.Ping:
                return true;
            case FrameKind.Bye:
                OnStreamEnded(Stream.ReceiveReason(header));
                return false;
            default:
                throw new StreamException(
                    StreamError.UnexpectedKind, Stream.Peer, $"got a {header.Kind} frame, which workers do not send each other.");
        }
    }

    /// <summary>Handles the end of the stream. Nothing is sent any more.</summary>
    public void OnStreamEnded(string reason)
    {
        if (!Close())
            return;
        Ended = reason;
        _changed(this);
    }

    /// <summary>Closes the connection, without a word.</summary>
    public void Dispose()
    {
        _ = Close();
        Stream.Dispose();
    }

    private void EndSending()
    {
        lock (_lock)
        {
            _isSending = false;
            if (_announced is not null || _waiting.Count > 0)
                Pulse();
        }
    }

    private bool Close()
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            _isClosed = true;
            while (_waiting.TryDequeue(out SliceSend send))
                send.Source.Release();
            Pulse();
            return true;
        }
    }

    private void Pulse()
    {
        Monitor.PulseAll(_lock);
        Posted?.Invoke();
    }

    private FrameHeader Header(FrameKind kind) => new() { Kind = kind, Run = _origin.Run, Term = _origin.Term };
}
