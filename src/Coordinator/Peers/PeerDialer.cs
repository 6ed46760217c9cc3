using System.Net;
using System.Net.Sockets;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>Keeps a stream to a peer open, on a thread of its own, and tells the leadership what is heard of it, and when nothing is.</summary>
internal sealed class PeerDialer : IDisposable
{
    private static readonly TimeSpan DialAgainAfter = TimeSpan.FromMilliseconds(250), DialAtOnceAfter = TimeSpan.FromMilliseconds(10);

    private readonly int _peer;
    private readonly DnsEndPoint _place;
    private readonly string _self;
    private readonly TrainingOptions _options;
    private readonly TimeSpan _silence;
    private readonly IMailbox _leadership;
    private readonly object _lock = new();
    private PeerStream? _open;
    private bool _follows;
    private bool _isClosed;

    /// <param name="peer">The peer's place in the list.</param>
    /// <param name="place">Name or address of the peer, and the port of its cluster.</param>
    /// <param name="self">HOST:PORT of this coordinator, as the list has it.</param>
    /// <param name="options">The training.</param>
    /// <param name="silence">A peer that says nothing for so long is not heard any more.</param>
    /// <param name="leadership">Told what is heard.</param>
    public PeerDialer(int peer, DnsEndPoint place, string self, TrainingOptions options, TimeSpan silence, IMailbox leadership)
    {
        _peer = peer;
        _place = place;
        _self = self;
        _options = options;
        _silence = silence;
        _leadership = leadership;
    }

    /// <summary>Begins.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = $"peer {_place.Host}:{_place.Port}" }.Start();

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

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.PulseAll(_lock);
            _open?.Close();
        }
    }

    private void Run()
    {
        while (true)
        {
            TimeSpan wait = Listen();
            lock (_lock)
            {
                if (_isClosed)
                    return;
                Monitor.Wait(_lock, wait);
                if (_isClosed)
                    return;
            }
        }
    }

    /// <summary>Opens a stream and hears the peer until its end. Returns how long to wait before the next attempt.</summary>
    private TimeSpan Listen()
    {
        bool wasHeard = false;
        try
        {
            using TensorConnection connection = TensorConnection.ConnectPeer(
                _place.Host, _place.Port + 1, _self, _silence, _options.Secret, _options.Tls, _place.Host);
            using var stream = new PeerStream(_peer, connection, _options, _leadership, Disk.OfThisMachine);
            bool follows;
            lock (_lock)
            {
                if (_isClosed)
                    return DialAgainAfter;
                (_open, follows) = (stream, _follows);
            }

            if (follows)
                stream.Follow();
            connection.SetIdleTimeout(_silence);
            while (stream.OnFrame(connection.ReceiveHeader()))
                wasHeard = true;
            return DialAgainAfter;
        }
        catch (StreamException e) when (e.Error is StreamError.Unproven or StreamError.Refused)
        {
            _leadership.Tell(new PeerUnproven(_peer, e.Problem));
            return DialAgainAfter;
        }
        catch (StreamException e)
        {
            bool isGone = e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            _leadership.Tell(new PeerLost(_peer, isGone, e.Message));
            return wasHeard ? DialAtOnceAfter : DialAgainAfter;
        }
        finally
        {
            lock (_lock)
                _open = null;
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
