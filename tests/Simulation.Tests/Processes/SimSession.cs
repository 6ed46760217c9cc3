using System.Globalization;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;
using Lockstep.Worker.Lanes;
using Lockstep.Worker.Sessions;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>A worker's part in one run: opens the stream and pumps it into the product's <see cref="SessionProtocol"/>.</summary>
internal sealed class SimSession
{
    private const long ConnectTimeout = 10 * Timeline.Second, IdleTimeout = 10 * Timeline.Second;

    private readonly SimWorker _worker;
    private readonly SimMembership _membership;
    private readonly RunOffered _offer;
    private readonly HeldData _held;
    private readonly SimCoordinator _leader;
    private VirtualConnection? _connection;
    private SessionProtocol? _protocol;
    private SimLanes? _lanes;
    private SimMateNetwork? _network;
    private bool _isStopped, _hasEnded;

    public SimSession(SimWorker worker, SimMembership membership, RunOffered offer, HeldData held)
    {
        (_worker, _membership, _offer, _held) = (worker, membership, offer, held);
        _leader = Sim.Coordinators[int.Parse(offer.StreamHost, CultureInfo.InvariantCulture)];
        Sim.Network.Dial(
            worker.Host, worker.Process, _leader.Host, offer.StreamPort, ConnectTimeout, OnConnected, e =>
                End(SessionProtocol.ResultOf(e)));
    }

    /// <summary>The coordinator takes gradients from it.</summary>
    public bool IsReady => _protocol?.IsReady == true && !_hasEnded && !_connection!.IsDisposed;

    public bool IsOpen => _connection is { IsDisposed: false };

    /// <summary>The coordinator that it follows.</summary>
    public SimCoordinator Leader => _leader;

    private Simulation Sim => _worker.Sim;

    public void Break() => _connection!.Break();

    public void Drain()
    {
        if (_protocol is { IsReady: true })
            _protocol.AskToLeave("it was asked to stop");
        else
            Stop("it was asked to stop");
    }

    public void Stop(string reason)
    {
        if (_hasEnded)
            return;
        _isStopped = true;
        _protocol?.Leave(reason);
        End(new WorkerResult(WorkerOutcome.Completed, "stopped"));
    }

    /// <summary>
    /// Puts a frame of another history into the stream: of an older term, or of another run. Of the step under way and of a node that is
    /// not there yet, where possible: a frame that would do harm if it passed.
    /// </summary>
    public void SendZombieFrame(bool otherRun)
    {
        long step = Math.Min(_leader.Term?.Step ?? 0, TinyRun.Steps - 1);
        SimGradient gradient = _worker.Sim.Training.Gradient(step, TinyRun.Tree.Root, _worker.Sim.Training.Weights(step == 0 ? 1 : 0));
        var header = new FrameHeader
        {
            Kind = FrameKind.Gradient,
            Run = otherRun ? _offer.Run ^ 1 : _offer.Run,
            Term = otherRun ? _offer.Term : _offer.Term - 1,
            Step = step,
            Node = TinyRun.Tree.Root.ToKey(),
            Statistics = gradient.Statistics,
        };
        _connection!.Send(header, gradient.Values, new TensorRuns(_worker.Sim.Training.Layout));
    }

    private void OnConnected(VirtualConnection connection)
    {
        if (_isStopped)
        {
            connection.Dispose();
            return;
        }

        _connection = connection;
        connection.Send(new FrameHeader { Kind = FrameKind.Hello, Run = _offer.Run }, Hello.Encode(_offer.Token, _membership.Node));
        connection.SetIdleTimeout(IdleTimeout);
        _network = new SimMateNetwork(_worker, header => _protocol!.CanReceive(header, _lanes?.HasBuffer != false));
        _protocol = new SessionProtocol(
            connection, new FrameOrigin(_offer.Run, _offer.Term), _held, _worker.Meter, _ => _worker.Sim.Training.Fingerprint,
            (spec, layout, _) => _lanes = new SimLanes(_worker, spec, layout, connection, SendNode)
            {
                Freed = () =>
                {
                    connection.Pulse();
                    _network.Pulse();
                },
            },
            _network);
        connection.OnFrame = _protocol.OnFrame;
        connection.OnEnd = why => End(why is null ? _protocol.Result! : SessionProtocol.ResultOf(why));
        connection.CanTake = header => _protocol.CanReceive(header, _lanes?.HasBuffer != false);
        connection.OnRoom = () => _lanes?.OnRoom();
    }

    private bool SendNode(long step, TreeNode node, NodeResult result, TimeSpan time)
    {
        if (result.Slot is not null)
            Sim.Statistics.SharedGradients++;
        return _protocol!.SendNode(step, node, result, time);
    }

    private void End(WorkerResult result)
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        if (result.Message == "It owes nothing." && _lanes is not null)
        {
            Sim.Statistics.LetGo++;
            if (_leader.Term?.Lacks(_lanes.Step, _lanes.Owed) == true)
                Sim.Violate($"{_worker.Process} is let go while step {_lanes.Step} waits for it.");
        }

        _lanes?.Stop();
        _connection?.Dispose();
        _protocol?.Dispose();
        if (_protocol is not null)
            _worker.Meter.Left(_protocol.Joined);
        _membership.OnSessionEnded(result);
    }
}
