using Lockstep.Coordinator.Peers;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>Pumps the product's end of a stream that a peer has opened.</summary>
internal sealed class SimPeer(SimCoordinator coordinator, VirtualConnection connection, string name)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly PeerLink _link = coordinator.Server.Add(connection, name);
    private bool _isOver;

    public void Start()
    {
        connection.OnFrame = _link.OnFrame;
        connection.OnEnd = why => Remove(why?.Message ?? "it is over");
        connection.OnRoom = Send;
        coordinator.Every(LookEvery, Send);
        Send();
    }

    private void Send()
    {
        if (_isOver || !connection.CanSendAtOnce() && !connection.IsDisposed)
            return;
        try
        {
            if (!_link.SendNext(coordinator.Clock.Elapsed))
                _isOver = true;
            if (connection.IsDisposed)
                Remove("closed by this side");
        }
        catch (StreamException e)
        {
            Remove(e.Message);
        }
        catch (IOException e)
        {
            // It begins anew with the next connection.
            Remove(e.Message);
        }
    }

    private void Remove(string reason)
    {
        _isOver = true;
        coordinator.Server.Remove(_link, reason);
        _link.Release();
    }
}
