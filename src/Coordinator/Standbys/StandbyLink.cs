using System.Text;
using Akka.Actor;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Standbys;

/// <summary>
/// The leading coordinator's end of a standby's stream. A thread of its own sends what is on the disk: trace and metrics as they grow, and each
/// checkpoint once it is saved. Nothing of the run waits for it: a slow standby misses checkpoints that newer ones have replaced, and no more.
/// </summary>
internal sealed class StandbyLink : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly TensorConnection _connection;
    private readonly CoordinatorContext _context;
    private readonly IActorRef _coordinator;
    private readonly GrowingFile[] _files;
    private readonly byte[] _piece = new byte[StreamLimits.DataBytes];
    private readonly object _mailbox = new();
    private (string? Path, long Step)? _checkpoint;
    private (Farewell Why, string Reason)? _last;
    private bool _closed;
    private int _lost;

    public StandbyLink(string node, string name, TensorConnection connection, CoordinatorContext context, IActorRef coordinator)
    {
        (Node, Name, _connection, _context, _coordinator) = (node, name, connection, context, coordinator);
        _files =
        [
            new GrowingFile(ReplicaFile.Trace, context.Options.TraceFile),
            new GrowingFile(ReplicaFile.Metrics, context.Options.MetricsFile),
        ];
    }

    /// <summary>Its unique address in the cluster.</summary>
    public string Node { get; }

    /// <summary>HOST:PORT of its node.</summary>
    public string Name { get; }

    /// <summary>Step of the newest checkpoint that it has; null until it has all that there was.</summary>
    public long? ReplicatedStep { get; set; }

    /// <summary>Begins to send, first of all the checkpoint.</summary>
    /// <param name="path">The newest checkpoint that this process has saved; null for the one that it was started with, if any.</param>
    /// <param name="step">Its step.</param>
    public void Start(string? path, long step)
    {
        _checkpoint = (path, step);
        new Thread(SendLoop) { IsBackground = true, Name = $"replicate to {Name}" }.Start();
        new Thread(ReceiveLoop) { IsBackground = true, Name = $"hear {Name}" }.Start();
    }

    /// <summary>A checkpoint was saved.</summary>
    public void PostCheckpoint(string path, long step)
    {
        lock (_mailbox)
        {
            _checkpoint = (path, step);
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Says good-bye, after everything that was saved. The standby closes the stream.</summary>
    public void PostBye(Farewell why, string reason)
    {
        lock (_mailbox)
        {
            _last = (why, reason);
            Monitor.PulseAll(_mailbox);
        }
    }

    public void Dispose()
    {
        lock (_mailbox)
        {
            _closed = true;
            Monitor.PulseAll(_mailbox);
        }

        _connection.Dispose();
    }

    private void SendLoop()
    {
        try
        {
            _connection.Send(Header(FrameKind.RunSpec), RunSpecCodec.Encode(_context.Options.Spec));
            while (SendNext())
            {
            }
        }
        catch (StreamException e)
        {
            ReportLost(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It begins anew with the next connection.
            ReportLost($"what it is to have cannot be read: {e.Message}");
            _connection.Dispose();
        }
        finally
        {
            foreach (GrowingFile file in _files)
                file.Dispose();
        }
    }

    private bool SendNext()
    {
        (string? Path, long Step)? checkpoint;
        (Farewell Why, string Reason)? last;
        lock (_mailbox)
        {
            if (_checkpoint is null && _last is null && !_closed)
                Monitor.Wait(_mailbox, LookEvery);
            if (_closed)
                return false;
            (checkpoint, last) = (_checkpoint, _last);
            _checkpoint = null;
        }

        // The trace of a checkpoint's step is on the disk before the checkpoint is, and goes before it.
        foreach (GrowingFile file in _files)
            SendNew(file);
        if (checkpoint is { } saved)
            SendCheckpoint(saved.Path, saved.Step);
        if (last is not var (why, reason))
            return true;
        _connection.Send(Header(FrameKind.Bye) with { Node = (uint)why }, Encoding.UTF8.GetBytes(reason));
        return false;
    }

    private void SendNew(GrowingFile file)
    {
        bool isFirst = !file.IsOpen;
        for (int length; (length = file.ReadLines(_piece)) > 0;)
            _connection.Send(Header(FrameKind.Replica, file.Position - length, file.Kind), _piece.AsSpan(0, length));
        if (isFirst)
            _connection.Send(Header(FrameKind.ReplicaWhole, 0, file.Kind), []);
    }

    private void SendCheckpoint(string? path, long step)
    {
        try
        {
            using Stream content = path is null
                ? new MemoryStream(_context.Options.ResumeFrom is { } begun ? CheckpointCodec.Encode(begun) : [])
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            for (int length; (length = content.ReadAtLeast(_piece, _piece.Length, throwOnEndOfStream: false)) > 0;)
                _connection.Send(Header(FrameKind.Replica, content.Position - length, ReplicaFile.Checkpoint), _piece.AsSpan(0, length));
            _connection.Send(Header(FrameKind.ReplicaWhole, step, ReplicaFile.Checkpoint), []);
        }
        catch (FileNotFoundException)
        {
            // Newer ones have taken its place; the next one goes.
        }
    }

    private void ReceiveLoop()
    {
        var origin = new FrameOrigin(_context.State.Run, _context.State.Term);
        try
        {
            while (true)
            {
                FrameHeader header = _connection.ReceiveHeader();
                if (origin.Objection(header) is { } objection)
                {
                    if (header.Run == origin.Run && header.Term > origin.Term)
                        _coordinator.Tell(new NewerTermSeen(header.Term));
                    ReportLost(objection);
                    return;
                }

                if (header.Kind == FrameKind.Bye)
                {
                    ReportLost(_connection.ReceiveReason(header));
                    return;
                }

                _connection.SkipPayload(header);
                if (header.Kind != FrameKind.Replicated)
                {
                    ReportLost($"it sent a {header.Kind} frame, which a standby may not send");
                    return;
                }

                _coordinator.Tell(new StandbyReplicated(Node, header.Step));
            }
        }
        catch (StreamException e)
        {
            ReportLost(e.Message);
        }
    }

    private void ReportLost(string reason)
    {
        if (Interlocked.Exchange(ref _lost, 1) == 0)
            _coordinator.Tell(new StandbyLinkLost(Node, this, reason));
    }

    private FrameHeader Header(FrameKind kind, long step = 0, ReplicaFile file = 0) =>
        new() { Kind = kind, Run = _context.State.Run, Term = _context.State.Term, Step = step, Node = (uint)file };
}
