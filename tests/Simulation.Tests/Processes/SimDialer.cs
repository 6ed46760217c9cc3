using Lockstep.Coordinator.Peers;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>Dials a peer again and again, and gives what comes to the product's <see cref="PeerContact"/>.</summary>
internal sealed class SimDialer(SimCoordinator coordinator, SimCoordinator peer, TimeSpan silence)
{
    private readonly PeerContact _contact = new(peer.Host, coordinator.Options, coordinator.NewMailbox(coordinator.Tell), coordinator.Disk);
    private readonly long _silence = (long)silence.TotalMicroseconds;
    private VirtualConnection? _open;
    private PeerStream? _stream;
    private bool _wasHeard;

    private Simulation Sim => coordinator.Sim;

    public void Dial() => Sim.Network.Dial(
        coordinator.Host, coordinator.Process, peer.Host, SimCoordinator.StreamPort, _silence, OnConnected,
        e => Again(_contact.Ended(e, wasHeard: false)));

    public void Follow(bool follows)
    {
        _contact.Follow(follows);
        if (_open is { IsDisposed: true } closed)
            Sim.Timeline.After(
                coordinator.Process, Sim.Random.Next(5, 200),
                () => End(closed, new StreamException(StreamError.Closed, closed.Peer, "closed by this side.")));
    }

    private void OnConnected(VirtualConnection connection)
    {
        connection.Send(new FrameHeader { Kind = FrameKind.Peer }, Hello.EncodePeer(coordinator.Name));
        (_open, _wasHeard) = (connection, false);
        _stream = _contact.Open(connection);
        PeerStream stream = _stream;
        connection.SetIdleTimeout(_silence);
        connection.OnEnd = why => End(connection, why);
        connection.OnFrame = (in FrameHeader header) => stream.OnFrame(header) && (_wasHeard = true);
    }

    private void End(VirtualConnection connection, StreamException? why)
    {
        if (connection != _open)
            return;
        _open = null;
        _stream!.Dispose();
        Again(_contact.Ended(why, _wasHeard));
    }

    private void Again(TimeSpan delay) => Sim.Timeline.After(coordinator.Process, (long)delay.TotalMicroseconds, Dial);
}
