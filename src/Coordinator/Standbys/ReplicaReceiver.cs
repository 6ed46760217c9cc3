using Akka.Actor;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Standbys;

/// <summary>A standby's end of the stream: a thread that receives what the leader has saved and saves it too. Tells the standby how far it is.</summary>
internal sealed class ReplicaReceiver
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly StandbyOptions _options;
    private readonly RunOffered _offer;
    private readonly string _node;
    private readonly string? _leaderName;
    private readonly IActorRef _standby;
    private readonly Lock _starting = new();
    private readonly byte[] _piece = new byte[StreamLimits.DataBytes];
    private TensorConnection? _connection;
    private bool _closed;

    public ReplicaReceiver(StandbyOptions options, RunOffered offer, string node, string? leaderName, IActorRef standby) =>
        (_options, _offer, _node, _leaderName, _standby) = (options, offer, node, leaderName, standby);

    /// <summary>Begins; ends with <see cref="ReplicaEnded"/>.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "replica" }.Start();

    /// <summary>Says, where that is still possible, that this standby follows another term, and closes.</summary>
    public void Supersede(int term)
    {
        TensorConnection? connection;
        lock (_starting)
            connection = _connection;
        try
        {
            connection?.SendLast(FrameKind.Bye, _offer.Run, term, "a standby leads in this coordinator's place");
        }
        catch (StreamException)
        {
            // It is gone.
        }

        Close();
    }

    /// <summary>Ends the stream.</summary>
    public void Close()
    {
        TensorConnection? connection;
        lock (_starting)
            (_closed, connection) = (true, _connection);
        connection?.Dispose();
    }

    private void Run()
    {
        ReplicaEnded ended;
        try
        {
            using TensorConnection connection = TensorConnection.Connect(
                _offer.StreamHost, _offer.StreamPort, _offer.Run, _offer.Token, _node, ConnectTimeout, _options.Secret, _options.Tls, _leaderName);
            bool closed;
            lock (_starting)
                (_connection, closed) = (connection, _closed);
            ended = closed ? new ReplicaEnded(this, null, "closed by this side") : Follow(connection);
        }
        catch (StreamException e)
        {
            ended = new ReplicaEnded(this, null, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            ended = new ReplicaEnded(this, null, $"what came cannot be kept: {e.Message}");
        }

        _standby.Tell(ended);
    }

    /// <summary>Receives until the leader takes its leave.</summary>
    /// <exception cref="StreamException">The stream ended, or what came is not for a standby.</exception>
    /// <exception cref="FormatException">What came is not of this run.</exception>
    internal ReplicaEnded Follow(TensorConnection connection)
    {
        RunSpec spec = ReceiveSpec(connection);
        if (!RunSpecCodec.Encode(spec).AsSpan().SequenceEqual(RunSpecCodec.Encode(_options.Spec)))
        {
            connection.SendLast(FrameKind.Bye, _offer.Run, _offer.Term, "this standby was started for another run");
            return new ReplicaEnded(this, null, "its run is another one") { OtherRun = spec };
        }

        using var folder = new ReplicaFolder(_options, _offer.Run, _offer.Term);
        var origin = new FrameOrigin(_offer.Run, _offer.Term);
        while (true)
        {
            FrameHeader header = connection.ReceiveHeader();
            if (origin.Objection(header) is { } objection)
                throw new StreamException(StreamError.BadContent, connection.Peer, $"{objection}.");
            switch (header.Kind)
            {
                case FrameKind.Replica:
                    ReceivePiece(connection, header, folder);
                    break;
                case FrameKind.ReplicaWhole when FileOf(connection, header) != ReplicaFile.Checkpoint:
                    connection.SkipPayload(header);
                    folder.Complete(FileOf(connection, header));
                    break;
                case FrameKind.ReplicaWhole:
                    connection.SkipPayload(header);
                    Save(connection, header.Step, folder);
                    break;
                case FrameKind.Bye:
                    Farewell why = header.Node <= (uint)Farewell.RunFailed
                        ? (Farewell)header.Node
                        : throw new StreamException(StreamError.BadContent, connection.Peer, $"it said good-bye for a reason {header.Node} that is none.");
                    return new ReplicaEnded(this, why, connection.ReceiveReason(header));
                default:
                    throw new StreamException(StreamError.UnexpectedKind, connection.Peer, $"got a {header.Kind} frame, which is not for standbys.");
            }
        }
    }

    private static RunSpec ReceiveSpec(TensorConnection connection)
    {
        FrameHeader header = connection.ReceiveHeader(FrameKind.RunSpec);
        byte[] encoded = new byte[header.PayloadLength];
        connection.ReceivePayload(header, encoded);
        return RunSpecCodec.Decode(encoded);
    }

    private void ReceivePiece(TensorConnection connection, in FrameHeader header, ReplicaFolder folder)
    {
        ReplicaFile file = FileOf(connection, header);
        if (header.Step != folder.LengthOf(file) || header.Step + header.PayloadLength > folder.LimitOf(file))
        {
            throw new StreamException(StreamError.BadContent, connection.Peer,
                $"got bytes {header.Step:N0} to {header.Step + header.PayloadLength:N0} of a {file} file; expected them from {folder.LengthOf(file):N0} on, and at most {folder.LimitOf(file):N0}.");
        }

        connection.ReceivePayload(header, _piece.AsSpan(0, header.PayloadLength));
        folder.Append(file, _piece.AsSpan(0, header.PayloadLength));
    }

    private void Save(TensorConnection connection, long step, ReplicaFolder folder)
    {
        try
        {
            folder.SaveCheckpoint(step);
            connection.Send(new FrameHeader { Kind = FrameKind.Replicated, Run = _offer.Run, Term = _offer.Term, Step = step }, []);
            _standby.Tell(new ReplicaSaved(this, step));
        }
        catch (CheckpointException e)
        {
            // The one before it is still there, and the next one may do.
            _standby.Tell(new ReplicaTroubled(e.Message));
        }
    }

    private static ReplicaFile FileOf(TensorConnection connection, in FrameHeader header) => header.Node <= (uint)ReplicaFile.Checkpoint
        ? (ReplicaFile)header.Node
        : throw new StreamException(StreamError.BadContent, connection.Peer, $"got a {header.Kind} frame of a file {header.Node} that is none.");
}
