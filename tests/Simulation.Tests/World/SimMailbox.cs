using Lockstep.Shared.Cluster;

namespace Lockstep.Simulation.Tests.World;

/// <summary>
/// One sender's way to a role of the same process: every message is an event of its own, a little later and in the order of sending.
/// What is sent to a dead process is lost, and to a paused one waits.
/// </summary>
/// <param name="timeline">When it happens.</param>
/// <param name="random">How long a message takes.</param>
/// <param name="process">The process that the role is in.</param>
/// <param name="receive">The role's <c>Receive</c>.</param>
internal sealed class SimMailbox(Timeline timeline, SimRandom random, SimProcess process, Action<object> receive) : IMailbox
{
    private readonly FifoLine _line = new();

    /// <summary>The way of another sender: the two senders' messages overtake each other.</summary>
    public SimMailbox OfAnotherSender() => new(timeline, random, process, receive);

    public void Tell(object message) => timeline.Send(process, _line, random.Next(5, 200), message.GetType().Name, () => receive(message));

    public void TellAndRun(object message) => Tell(message);
}
