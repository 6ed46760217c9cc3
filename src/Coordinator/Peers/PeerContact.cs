using System.Net.Sockets;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// What a coordinator has with one peer over all its streams to it: whether it follows, and what the leadership is told when one ends. Safe to use from any
/// thread; has none itself.
/// </summary>
/// <param name="peer">The peer's place in the list.</param>
/// <param name="options">The training, with the files that replicas go to.</param>
/// <param name="leadership">Told what is heard.</param>
/// <param name="disk">Where the replicas go.</param>
internal sealed class PeerContact(int peer, TrainingOptions options, IMailbox leadership, Disk disk)
{
    private static readonly TimeSpan DialAgainAfter = TimeSpan.FromMilliseconds(250), DialAtOnceAfter = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private PeerStream? _open;
    private bool _follows;

    /// <summary>Follows the peer, or does not any more: then the stream begins anew.</summary>
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
            open?.Close();
    }

    /// <summary>A stream to the peer is open.</summary>
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

    /// <summary>Ends the stream, if one is open; whoever listens to it is told.</summary>
    public void Close()
    {
        PeerStream? open;
        lock (_lock)
            open = _open;
        open?.Close();
    }

    /// <summary>The stream has ended, or could not be opened.</summary>
    /// <param name="why">Why; null where what was heard has ended it.</param>
    /// <param name="wasHeard">Whether anything was heard over it.</param>
    /// <returns>How long to wait before the next one.</returns>
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
                leadership.Tell(new PeerLost(peer, isGone, why.Message));
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
            // Whoever listens to it is told.
        }
    }
}
