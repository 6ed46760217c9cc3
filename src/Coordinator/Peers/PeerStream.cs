using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// The stream that this coordinator has opened to a peer. Receives the peer's status and, while following, saves what the peer has saved.
/// Has no thread; <see cref="PeerDialer"/> or the simulator calls it.
/// </summary>
internal sealed class PeerStream : IDisposable
{
    private readonly int _peer;
    private readonly FrameStream _stream;
    private readonly TrainingOptions _options;
    private readonly IMailbox _leadership;
    private readonly Disk _disk;
    private byte[]? _piece;
    private readonly Lock _sending = new(), _saving = new();
    private FrameOrigin _origin;
    private ReplicaFolder? _folder;
    private bool _isDisposed;

    /// <param name="peer">The peer's index in the list.</param>
    /// <param name="stream">The open stream.</param>
    /// <param name="options">The training, with the paths of replicated files.</param>
    /// <param name="leadership">Receives what arrives.</param>
    /// <param name="disk">The disk of the replicas.</param>
    public PeerStream(int peer, FrameStream stream, TrainingOptions options, IMailbox leadership, Disk disk)
    {
        _disk = disk;
        _peer = peer;
        _stream = stream;
        _options = options;
        _leadership = leadership;
    }

    /// <summary>Asks for everything that the peer saves.</summary>
    /// <exception cref="StreamException">The stream ended.</exception>
    public void Follow() => Send(new FrameHeader { Kind = FrameKind.Follow });

    /// <summary>Handles a frame. False if the stream has ended.</summary>
    /// <exception cref="StreamException">The stream ended, or the frame is none of a peer.</exception>
    public bool OnFrame(in FrameHeader header)
    {
        try
        {
            lock (_saving)
            {
                return _isDisposed
                    ? throw new StreamException(StreamError.Closed, _stream.Peer, "closed by this side.")
                    : Handle(header);
            }
        }
        catch (Exception e) when (e is (IOException and not StreamException) or UnauthorizedAccessException or FormatException)
        {
            _leadership.Tell(new PeerParted(_peer, null, $"a received file cannot be saved: {e.Message}"));
            return false;
        }
    }

    /// <summary>
    /// Ends the stream, from any thread; its reader notices. When this returns, nothing more is saved, so that another one may write to
    /// the replicated files.
    /// </summary>
    public void Dispose()
    {
        _stream.Dispose();
        lock (_saving)
        {
            _isDisposed = true;
            _folder?.Dispose();
        }
    }

    // Allocated only for streams that replicate.
    private byte[] Piece => _piece ??= new byte[StreamLimits.DataBytes];

    private bool Handle(in FrameHeader header)
    {
        if (_folder is not null && header.Kind is FrameKind.Replica or FrameKind.ReplicaWhole && _origin.Objection(header) is { } objection)
            throw new StreamException(StreamError.BadContent, _stream.Peer, $"{objection}.");
        switch (header.Kind)
        {
            case FrameKind.PeerStatus:
                _leadership.Tell(new PeerHeard(_peer, PeerStatus.Decode(Receive(header))));
                return true;
            case FrameKind.RunSpec when _folder is null:
                return Begin(header);
            case FrameKind.Replica when _folder is not null:
                ReceivePiece(header, _folder);
                return true;
            case FrameKind.ReplicaWhole when _folder is not null && !ReplicaFolder.IsCheckpoint(FileOf(header)):
                _stream.SkipPayload(header);
                _folder.Complete(FileOf(header));
                return true;
            case FrameKind.ReplicaWhole when _folder is not null:
                _stream.SkipPayload(header);
                Save(header.Step, FileOf(header), _folder);
                return true;
            case FrameKind.Bye:
                ByeReason why = header.Node <= (uint)ByeReason.RunFailed
                    ? (ByeReason)header.Node
                    : throw new StreamException(
                        StreamError.BadContent, _stream.Peer, $"it ended the stream for the unknown reason {header.Node}.");
                _leadership.Tell(new PeerParted(_peer, why, _stream.ReceiveReason(header)));
                return false;
            case FrameKind.Ping:
                _stream.SkipPayload(header);
                return true;
            default:
                throw new StreamException(StreamError.UnexpectedKind, _stream.Peer, $"got a {header.Kind} frame, which is not for a peer.");
        }
    }

    private bool Begin(in FrameHeader header)
    {
        RunSpec spec = RunSpecCodec.Decode(Receive(header));
        if (!RunSpecCodec.Encode(spec).AsSpan().SequenceEqual(RunSpecCodec.Encode(_options.Spec)))
        {
            _leadership.Tell(new PeerParted(_peer, null, "its run is another one") { OtherRun = spec });
            return false;
        }

        _origin = new FrameOrigin(header.Run, header.Term);
        _folder = new ReplicaFolder(_options, header.Run, header.Term, _disk);
        return true;
    }

    private byte[] Receive(in FrameHeader header)
    {
        byte[] payload = new byte[header.PayloadLength];
        _stream.ReceivePayload(header, payload);
        return payload;
    }

    private void ReceivePiece(in FrameHeader header, ReplicaFolder folder)
    {
        ReplicaFile file = FileOf(header);
        if (header.Step != folder.LengthOf(file) || header.Step + header.PayloadLength > folder.LimitOf(file))
        {
            throw new StreamException(StreamError.BadContent, _stream.Peer,
                $"got bytes {header.Step:N0} to {header.Step + header.PayloadLength:N0} of a {file} file; "
                    + $"expected them from {folder.LengthOf(file):N0} on, and at most {folder.LimitOf(file):N0}.");
        }

        _stream.ReceivePayload(header, Piece.AsSpan(0, header.PayloadLength));
        folder.Append(file, Piece.AsSpan(0, header.PayloadLength));
    }

    private void Save(long step, ReplicaFile file, ReplicaFolder folder)
    {
        try
        {
            folder.SaveCheckpoint(step, isBest: file == ReplicaFile.Best);
            if (file == ReplicaFile.Best)
                return;
            Send(new FrameHeader { Kind = FrameKind.Replicated, Run = _origin.Run, Term = _origin.Term, Step = step });
            _leadership.Tell(new PeerReplicated(_peer, _origin.Run, _origin.Term, step));
        }
        catch (CheckpointException e)
        {
            // The previous checkpoint remains, and the next one may succeed.
            _leadership.Tell(new PeerTroubled(_peer, e.Message));
        }
    }

    private void Send(in FrameHeader header)
    {
        lock (_sending)
            _stream.Send(header, []);
    }

    private ReplicaFile FileOf(in FrameHeader header) => header.Node <= (uint)ReplicaFile.Best
        ? (ReplicaFile)header.Node
        : throw new StreamException(
            StreamError.BadContent, _stream.Peer, $"got a {header.Kind} frame of the unknown file {header.Node}.");
}
