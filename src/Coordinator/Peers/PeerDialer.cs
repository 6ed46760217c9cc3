using System.Net;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>Keeps a stream to a peer open on its own thread: connects, and passes what it hears to a <see cref="PeerContact"/>.</summary>
internal sealed class PeerDialer : IDisposable
{
    private readonly DnsEndPoint _place;
    private readonly string _self;
    private readonly TrainingOptions _options;
    private readonly TimeSpan _silence;
    private readonly PeerContact _contact;
    private readonly object _lock = new();
    private bool _isClosed;

    /// <param name="peer">The peer's index in the list.</param>
    /// <param name="place">Name or address of the peer, and the port of its cluster.</param>
    /// <param name="self">HOST:PORT of this coordinator, as in the list.</param>
    /// <param name="options">The training.</param>
    /// <param name="silence">A peer that is silent for this long counts as lost.</param>
    /// <param name="leadership">Receives what is heard.</param>
    public PeerDialer(int peer, DnsEndPoint place, string self, TrainingOptions options, TimeSpan silence, IMailbox leadership)
    {
        _place = place;
        _self = self;
        _options = options;
        _silence = silence;
        _contact = new PeerContact(peer, options, leadership, Disk.OfThisMachine);
    }

    public void Start() => new Thread(Run) { IsBackground = true, Name = $"peer {_place.Host}:{_place.Port}" }.Start();

    /// <summary>Starts or stops following the peer.</summary>
    public void Follow(bool follows) => _contact.Follow(follows);

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.PulseAll(_lock);
        }

        _contact.Close();
    }

    private bool IsClosed
    {
        get
        {
            lock (_lock)
                return _isClosed;
        }
    }

    private void Run()
    {
        while (!IsClosed)
        {
            TimeSpan wait = Listen();
            lock (_lock)
            {
                if (!_isClosed)
                    Monitor.Wait(_lock, wait);
            }
        }
    }

    /// <summary>Opens a stream and reads until its end. Returns how long to wait before the next attempt.</summary>
    private TimeSpan Listen()
    {
        bool wasHeard = false;
        try
        {
            using TensorConnection connection = TensorConnection.ConnectPeer(
                _place.Host, _place.Port + 1, _self, _silence, _options.Secret, _options.Tls, _place.Host);
            using PeerStream stream = _contact.Open(connection);
            if (IsClosed)
                stream.Dispose();
            connection.SetIdleTimeout(_silence);
            while (stream.OnFrame(connection.ReceiveHeader()))
                wasHeard = true;
            return _contact.Ended(why: null, wasHeard);
        }
        catch (StreamException e)
        {
            return _contact.Ended(e, wasHeard);
        }
    }
}
