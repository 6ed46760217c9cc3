using System.Net.Sockets;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// The state that one peer's successive streams share: whether this coordinator follows it, and what the leadership learns when a stream
/// ends. Thread-safe; has no thread.
/// </summary>
/// <param name="peer">The peer's index in the list.</param>
/// <param name="options">The training, with the paths of replicated files.</param>
/// <param name="leadership">Receives what is heard.</param>
/// <param name="disk">The disk of the replicas.</param>
internal sealed class PeerContact(int peer, TrainingOptions options, IMailbox leadership, Disk disk)
{
    private static readonly TimeSpan DialAgainAfter = TimeSpan.FromMilliseconds(250), DialAtOnceAfter = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private PeerStream? _open;
    private bool _follows;

    /// <summary>
    /// Starts or stops following the peer. Stopping restarts the stream; what was being saved is saved when this returns.
    /// </summary>
    public void Follow(bool follows)
    {
        PeerStream? open;
        lock (_lock)
        {
            if (_follows == follows)
                return;
            (_follows, open) = (follows, _open);
        }

        if (follows)
            TryFollow(open);
        else
            open?.Dispose();
    }

    /// <summary>Registers an open stream.</summary>
    public PeerStream Open(FrameStream stream)
    {
        var open = new PeerStream(peer, stream, options, leadership, disk);
        bool follows;
        lock (_lock)
            (_open, follows) = (open, _follows);
        if (follows)
            TryFollow(open);
        return open;
    }

    /// <summary>Closes the stream, if one is open; its reader notices.</summary>
    public void Close()
    {
        PeerStream? open;
        lock (_lock)
            open = _open;
        open?.Dispose();
    }

    /// <summary>Handles the end of a stream, or a failed connection.</summary>
    /// <param name="why">The error; null if a received frame ended the stream.</param>
    /// <param name="wasHeard">Whether anything was heard over it.</param>
    /// <returns>How long to wait before the next attempt.</returns>
    public TimeSpan Ended(StreamException? why, bool wasHeard)
    {
        lock (_lock)
            _open = null;
        switch (why)
        {
            case null:
                return DialAgainAfter;
            case { Error: StreamError.Unproven or StreamError.Refused }:
                leadership.Tell(new PeerUnproven(peer, why.Problem));
                return DialAgainAfter;
            default:
                bool isGone = why.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
                leadership.Tell(new PeerLost(peer, isGone, why.Problem));
                return wasHeard ? DialAtOnceAfter : DialAgainAfter;
        }
    }

    private static void TryFollow(PeerStream? open)
    {
        try
        {
            open?.Follow();
        }
        catch (StreamException)
        {
            // The reader notices and reports.
        }
    }
}
