using System.Diagnostics;
using Lockstep.Coordinator.Leading;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// The streams that other coordinators have opened to this one. Thread-safe. While this coordinator leads, tells the coordination which
/// followers come and go.
/// </summary>
/// <param name="heartbeat">How often each peer receives the status.</param>
internal sealed class PeerServer(TimeSpan heartbeat) : IDisposable
{
    /// <summary>How often growing files are checked.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<PeerLink> _links = [];
    private PeerStatus? _status;
    private Leading? _leading;

    /// <summary>Serves a stream that a peer has opened, with a sending and a receiving thread.</summary>
    public void Accept(FrameStream stream, string name)
    {
        PeerLink link = Add(stream, name);
        new Thread(() => Run(link, () => Send(link))) { IsBackground = true, Name = $"to peer {name}" }.Start();
        new Thread(() => Run(link, () => Receive(link, stream))) { IsBackground = true, Name = $"from peer {name}" }.Start();
    }

    /// <summary>The link of a stream that a peer has opened. The caller drives it.</summary>
    public PeerLink Add(FrameStream stream, string name)
    {
        var link = new PeerLink(stream, name, this, heartbeat);
        lock (_lock)
        {
            _links.Add(link);
            if (_status is { } status)
                link.PostStatus(status, isNews: true);
        }

        return link;
    }

    /// <summary>Posts this coordinator's status to all peers.</summary>
    public void Post(PeerStatus status)
    {
        lock (_lock)
        {
            bool isNews = _status is null || (status with { Step = _status.Step }) != _status;
            _status = status;
            foreach (PeerLink link in _links)
                link.PostStatus(status, isNews);
        }
    }

    /// <summary>Starts leading: returns the followers, and reports their changes to the coordination.</summary>
    public IFollowers Lead(ReplicaSource source, IMailbox coordination)
    {
        lock (_lock)
            return _leading = new Leading(this, source, coordination);
    }

    public void OnFollow(PeerLink link)
    {
        lock (_lock)
            _leading?.Start(link);
    }

    public void OnReplicated(PeerLink link, long step, bool isFirst)
    {
        lock (_lock)
            _leading?.Coordination.Tell(new FollowerReplicated(link.Name, step, isFirst));
    }

    /// <summary>Removes a peer whose stream has ended.</summary>
    public void Remove(PeerLink link, string reason)
    {
        link.Dispose();
        lock (_lock)
        {
            if (_links.Remove(link) && link.IsFollower)
                _leading?.Coordination.Tell(new FollowerLost(link.Name, reason));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (PeerLink link in _links)
                link.Dispose();
        }
    }

    private static void Send(PeerLink link)
    {
        try
        {
            while (link.SendNext(Stopwatch.GetElapsedTime(0)))
                link.Wait(LookEvery);
        }
        finally
        {
            link.Release();
        }
    }

    private static void Receive(PeerLink link, FrameStream stream)
    {
        while (link.OnFrame(stream.ReceiveHeader()))
        {
        }
    }

    private void Run(PeerLink link, Action loop)
    {
        try
        {
            loop();
        }
        catch (StreamException e)
        {
            Remove(link, e.Problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next connection starts anew.
            Remove(link, $"a replicated file cannot be read: {e.Message}");
        }
    }

    /// <summary>The followers during one leadership.</summary>
    private sealed class Leading(PeerServer server, ReplicaSource source, IMailbox coordination) : IFollowers
    {
        private bool _hasBegun;
        private (ByeReason? Why, string Reason)? _last;
        private (string Path, long Step)? _best = source.Best is { Checkpoint: { } path } best ? (path, best.Step) : null;
        private (string? Path, long Step) _newest = (null, source.Start?.Step ?? 0);

        public IMailbox Coordination => coordination;

        public IEnumerable<(string Name, long Step)> Ready
        {
            get
            {
                lock (server._lock)
                    return
                    [
                        .. Followers
                            .Where(link => link.ReplicatedStep is not null)
                            .Select(link => (link.Name, link.ReplicatedStep!.Value)),
                    ];
            }
        }

        public bool Any
        {
            get
            {
                lock (server._lock)
                    return Followers.Any();
            }
        }

        private IEnumerable<PeerLink> Followers => server._links.Where(link => link.IsFollower);

        public void Begin()
        {
            lock (server._lock)
            {
                _hasBegun = true;
                foreach (PeerLink link in Followers)
                    Start(link);
            }
        }

        public void Start(PeerLink link)
        {
            if (_hasBegun)
                link.Begin(source, _newest.Path, _newest.Step, _best);
            if (_last is var (why, reason))
                link.PostLast(why, reason);
        }

        public void PostCheckpoint(string path, long step)
        {
            lock (server._lock)
            {
                _newest = (path, step);
                foreach (PeerLink link in Followers)
                    link.PostCheckpoint(path, step);
            }
        }

        public void PostBest(string path, long step)
        {
            lock (server._lock)
            {
                _best = (path, step);
                foreach (PeerLink link in Followers)
                    link.PostBest(path, step);
            }
        }

        public void End(ByeReason? why, string reason)
        {
            lock (server._lock)
            {
                _last = (why, reason);
                foreach (PeerLink link in Followers)
                    link.PostLast(why, reason);
            }
        }
    }
}
