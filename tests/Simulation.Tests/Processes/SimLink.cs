using Lockstep.Coordinator.Links;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>Pumps the product's <see cref="WorkerLink"/>: what its threads do.</summary>
internal sealed class SimLink
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(1);

    private readonly SimCoordinator _coordinator;
    private readonly VirtualConnection _connection;
    private bool _hasStarted, _isPlanned, _isOver;

    public SimLink(SimCoordinator coordinator, WorkerLink link, VirtualConnection connection)
    {
        (_coordinator, Link, _connection) = (coordinator, link, connection);
        link.Posted = Plan;
        connection.OnFrame = link.OnFrame;
        connection.OnEnd = why =>
        {
            if (why is not null)
                link.OnStreamEnded(why.Message);
        };
        connection.OnRoom = Plan;
        coordinator.Every(PingEvery, Plan);
        Plan();
    }

    public WorkerLink Link { get; }

    /// <summary>Whether more could be sent, and the last word was not.</summary>
    public bool IsOpen => !_isOver && !_connection.IsDisposed && _connection.CanSendAtOnce();

    /// <summary>The link may have room again.</summary>
    public void Pulse() => _coordinator.Sim.Timeline.After(_coordinator.Process, 1, _connection.Pulse);

    private void Plan()
    {
        if (_isPlanned || _isOver)
            return;
        _isPlanned = true;
        _coordinator.Sim.Timeline.After(_coordinator.Process, _coordinator.Sim.Random.Next(1, 40), Send);
    }

    private void Send()
    {
        _isPlanned = false;
        if (_isOver || !_connection.CanSendAtOnce() && !_connection.IsDisposed)
            return;
        if (_hasStarted)
        {
            _isOver = !Link.SendNext();
            return;
        }

        _hasStarted = true;
        _isOver = !Link.SendStart();
        _connection.CanTake = _ => Link.HasRoom;
        Pulse();
        Plan();
    }
}
