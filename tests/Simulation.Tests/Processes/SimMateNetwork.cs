using System.Net;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;
using Lockstep.Worker.Slices;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>Connections of a worker to others: pumps the product's <see cref="MateLink"/>, as its threads do.</summary>
internal sealed class SimMateNetwork(SimWorker worker, Func<FrameHeader, bool> canTake) : IMateNetwork
{
    private const int FirstPort = 5000;
    private const long ConnectTimeout = 5 * Timeline.Second, IdleTimeout = 5 * Timeline.Second;
    private static readonly long PingEvery = (long)MateLink.MostSilence.TotalMicroseconds;

    private readonly List<VirtualConnection> _connections = [];
    private bool _isOver;

    private Simulation Sim => worker.Sim;

    public IPEndPoint Listen(ulong run, StreamTokens tokens, Action<FrameStream, string> accepted)
    {
        var greetings = new StreamGreetings(tokens) { Run = run };
        Sim.Network.Listen(worker.Host, FirstPort + worker.Number, worker.Process, connection =>
        {
            connection.OnFrame = (in FrameHeader header) =>
            {
                string who = greetings.WorkerOf(connection, header, Hello.Receive(connection, header));
                connection.SetIdleTimeout(IdleTimeout);
                accepted(connection, who);
                return true;
            };
            connection.OnEnd = _ => connection.Dispose();
        });
        return new IPEndPoint(new IPAddress([10, 0, 0, (byte)worker.Host]), FirstPort + worker.Number);
    }

    public void Dial(
        IPEndPoint address, ulong run, ReadOnlyMemory<byte> token, string self, TimeSpan after, Action<FrameStream> connected,
        Action<string> failed) =>
        Sim.Timeline.After(worker.Process, 1 + (long)after.TotalMicroseconds, () => Dial(address, run, token, self, connected, failed));

    public void Start(MateLink link)
    {
        var connection = (VirtualConnection)link.Stream;
        bool isPlanned = false;
        _connections.Add(connection);
        link.Posted = Plan;
        connection.OnFrame = link.OnFrame;
        connection.OnEnd = why =>
        {
            if (why is { Error: StreamError.BadContent or StreamError.WrongLength or StreamError.TooLong or StreamError.UnexpectedKind })
                Sim.Violate($"{worker.Process} does not accept what worker {link.Worker} sent: {why.Message}");
            if (why is not null)
                link.OnStreamEnded(why.Message);
            connection.Dispose();
        };
        connection.CanTake = header => canTake(header);
        connection.OnRoom = Plan;
        KeepAlive();
        Plan();

        void KeepAlive() => Sim.Timeline.After(worker.Process, PingEvery, () =>
        {
            if (connection.IsDisposed)
                return;
            Plan();
            KeepAlive();
        });

        void Plan()
        {
            if (isPlanned || connection.IsDisposed)
                return;
            isPlanned = true;
            Sim.Timeline.After(worker.Process, Sim.Random.Next(1, 40), () =>
            {
                isPlanned = false;
                if (!connection.IsDisposed && connection.CanSendAtOnce() && link.SendNext() && link.HasPosted)
                    Plan();
            });
        }
    }

    /// <summary>A buffer may be free.</summary>
    public void Pulse()
    {
        foreach (VirtualConnection connection in _connections)
            connection.Pulse();
    }

    public void Dispose() => _isOver = true;

    private void Dial(
        IPEndPoint address, ulong run, ReadOnlyMemory<byte> token, string self, Action<FrameStream> connected, Action<string> failed)
    {
        Sim.Network.Dial(
            worker.Host, worker.Process, address.Address.GetAddressBytes()[^1], address.Port, ConnectTimeout,
            connection =>
            {
                if (_isOver)
                {
                    connection.Dispose();
                    return;
                }

                connection.Send(new FrameHeader { Kind = FrameKind.Hello, Run = run }, Hello.Encode(token.Span, self));
                connection.SetIdleTimeout(IdleTimeout);
                connected(connection);
            },
            problem =>
            {
                if (!_isOver)
                    failed(problem.Problem);
            });
    }
}
