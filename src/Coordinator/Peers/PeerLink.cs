using System.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// A coordinator's end of the stream that a peer has opened to it. Sends this coordinator's status and, once the peer follows, replicates
/// the disk: trace and metrics as they grow, and each saved checkpoint. Training never waits for it: a slow follower misses checkpoints
/// that newer ones have replaced. Has no thread; <see cref="PeerServer"/> or the simulator calls it.
/// </summary>
internal sealed class PeerLink : IDisposable
{
    private readonly FrameStream _stream;
    private readonly PeerServer _server;
    private readonly TimeSpan _heartbeat;
    private byte[]? _piece;
    private readonly object _mailbox = new();
    private GrowingFile[] _files = [];
    private ReplicaSource? _source;
    private PeerStatus? _status;
    private TimeSpan? _toldAt;
    private (string? Path, long Step)? _checkpoint;
    private (string Path, long Step)? _best;
    private (ByeReason? Why, string Reason)? _last;
    private bool _hasBegun;
    private bool _isClosed;

    public PeerLink(FrameStream stream, string name, PeerServer server, TimeSpan heartbeat)
    {
        _stream = stream;
        Name = name;
        _server = server;
        _heartbeat = heartbeat;
    }

    /// <summary>HOST:PORT of the peer.</summary>
    public string Name { get; }

    /// <summary>Whether the peer replicates.</summary>
    public bool IsFollower { get; private set; }

    /// <summary>Step of the newest checkpoint that the peer has; null until it has caught up.</summary>
    public long? ReplicatedStep { get; private set; }

    /// <summary>Posts this coordinator's status; news goes out at once.</summary>
    public void PostStatus(PeerStatus status, bool isNews)
    {
        lock (_mailbox)
        {
            _status = status;
            if (isNews)
                _toldAt = null;
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Starts replication.</summary>
    /// <param name="source">What is replicated.</param>
    /// <param name="path">The newest checkpoint; null for the one that this coordinator began with.</param>
    /// <param name="step">Its step.</param>
    /// <param name="best">The best checkpoint so far; null for none.</param>
    public void Begin(ReplicaSource source, string? path, long step, (string Path, long Step)? best)
    {
        lock (_mailbox)
        {
            _source = source;
            _checkpoint = (path, step);
            _best = best;
            _files = [
                new GrowingFile(ReplicaFile.Trace, source.TraceFile, source.Disk),
                new GrowingFile(ReplicaFile.Metrics, source.MetricsFile, source.Disk)];
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Announces a saved checkpoint. A peer for which <see cref="Begin"/> has not run yet gets the newest one there.</summary>
    public void PostCheckpoint(string path, long step)
    {
        lock (_mailbox)
        {
            if (_source is null)
                return;
            _checkpoint = (path, step);
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Announces that the best checkpoint so far is saved.</summary>
    public void PostBest(string path, long step)
    {
        lock (_mailbox)
        {
            if (_source is null)
                return;
            _best = (path, step);
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Posts, after everything saved, what becomes of the run; null just ends the stream. The peer closes it.</summary>
    public void PostLast(ByeReason? why, string reason)
    {
        lock (_mailbox)
        {
            _last = (why, reason);
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Blocks until there may be something to send.</summary>
    public void Wait(TimeSpan timeout)
    {
        lock (_mailbox)
        {
            if (!_isClosed && _checkpoint is null && _best is null && _last is null && (_status is null || _toldAt is not null))
                Monitor.Wait(_mailbox, timeout);
        }
    }

    /// <summary>Sends what there is to send. False once there will be no more.</summary>
    /// <exception cref="StreamException">The stream ended.</exception>
    /// <exception cref="IOException">A replicated file cannot be read.</exception>
    public bool SendNext(TimeSpan now)
    {
        (string? Path, long Step)? checkpoint;
        (string Path, long Step)? best;
        (ByeReason? Why, string Reason)? last;
        ReplicaSource? source;
        lock (_mailbox)
        {
            if (_isClosed)
                return false;
            (source, last, checkpoint, best) = (_source, _last, _checkpoint, _best);
            _checkpoint = null;
            _best = null;
        }

        SendStatus(now);
        if (source is null)
            return last is null || Close();
        if (!_hasBegun)
            _stream.Send(Header(FrameKind.RunSpec), RunSpecCodec.Encode(source.Spec));
        _hasBegun = true;
        // A checkpoint's trace is on the disk before the checkpoint, so it is sent before it.
        foreach (GrowingFile file in _files)
            SendNew(file);
        if (best is { } kept)
            SendCheckpoint(kept.Path, kept.Step, ReplicaFile.Best);
        if (checkpoint is { } saved)
            SendCheckpoint(saved.Path, saved.Step, ReplicaFile.Checkpoint);
        if (last is not var (why, reason))
            return true;
        if (why is { } byeReason)
            _stream.Send(Header(FrameKind.Bye) with { Node = (uint)byeReason }, Encoding.UTF8.GetBytes(reason));
        else
            Close();
        return false;
    }

    /// <summary>Handles a frame of the peer. False if the stream has ended.</summary>
    /// <exception cref="StreamException">The stream ended, or the frame is none of a peer.</exception>
    public bool OnFrame(in FrameHeader header)
    {
        switch (header.Kind)
        {
            case FrameKind.Follow:
                _stream.SkipPayload(header);
                IsFollower = true;
                _server.OnFollow(this);
                return true;
            case FrameKind.Replicated:
                _stream.SkipPayload(header);
                bool isFirst = ReplicatedStep is null;
                ReplicatedStep = header.Step;
                _server.OnReplicated(this, header.Step, isFirst);
                return true;
            case FrameKind.Ping:
                _stream.SkipPayload(header);
                return true;
            case FrameKind.Bye:
                throw new StreamException(StreamError.EndOfStream, _stream.Peer, _stream.ReceiveReason(header));
            default:
                throw new StreamException(
                    StreamError.UnexpectedKind, _stream.Peer, $"got a {header.Kind} frame, which a peer may not send.");
        }
    }

    public void Dispose()
    {
        lock (_mailbox)
        {
            _isClosed = true;
            Monitor.PulseAll(_mailbox);
        }

        _stream.Dispose();
    }

    /// <summary>Closes the replicated files. Called by the sending thread after the last frame.</summary>
    public void Release()
    {
        foreach (GrowingFile file in _files)
            file.Dispose();
    }

    // Allocated only for streams that replicate.
    private byte[] Piece => _piece ??= new byte[StreamLimits.DataBytes];

    private bool Close()
    {
        Dispose();
        return false;
    }

    private void SendStatus(TimeSpan now)
    {
        PeerStatus? status;
        lock (_mailbox)
        {
            if (_status is null || now - _toldAt < _heartbeat)
                return;
            (status, _toldAt) = (_status, now);
        }

        _stream.Send(new FrameHeader { Kind = FrameKind.PeerStatus }, status.Encode());
    }

    private void SendNew(GrowingFile file)
    {
        bool isFirst = !file.IsOpen;
        for (int length; (length = file.ReadLines(Piece)) > 0;)
            _stream.Send(Header(FrameKind.Replica, file.Position - length, file.Kind), Piece.AsSpan(0, length));
        if (isFirst)
            _stream.Send(Header(FrameKind.ReplicaWhole, 0, file.Kind), []);
    }

    private void SendCheckpoint(string? path, long step, ReplicaFile file)
    {
        try
        {
            using Stream content = path is null
                ? new MemoryStream(_source!.Start is { } begun ? CheckpointCodec.Encode(begun) : [])
                : _source!.Disk.OpenToRead(path);
            for (int length; (length = content.ReadAtLeast(Piece, Piece.Length, throwOnEndOfStream: false)) > 0;)
                _stream.Send(Header(FrameKind.Replica, content.Position - length, file), Piece.AsSpan(0, length));
            _stream.Send(Header(FrameKind.ReplicaWhole, step, file), []);
        }
        catch (FileNotFoundException)
        {
            // A newer checkpoint has replaced it; the next one is sent.
        }
    }

    private FrameHeader Header(FrameKind kind, long step = 0, ReplicaFile file = 0) =>
        new() { Kind = kind, Run = _source!.Run, Term = _source.Term, Step = step, Node = (uint)file };
}
