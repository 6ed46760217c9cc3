using Lockstep.Shared.Cluster;

namespace Lockstep.Simulation.Tests.World;

/// <summary>The way to a role that takes its time for each message, and has others wait for it meanwhile.</summary>
/// <param name="timeline">When it happens.</param>
/// <param name="process">The process that the role is in.</param>
/// <param name="timeOf">How long a message takes, in microseconds.</param>
/// <param name="receive">The role's <c>Receive</c>, called when that time is over.</param>
internal sealed class BusyMailbox(Timeline timeline, SimProcess process, Func<object, long> timeOf, Action<object> receive) : IMailbox
{
    private readonly FifoLine _line = new();

    /// <summary>Messages that the role has not handled yet.</summary>
    public int Waiting { get; private set; }

    public void Tell(object message)
    {
        Waiting++;
        long begins = Math.Max(timeline.Now, _line.LastDelivery);
        timeline.Send(process, _line, begins - timeline.Now + timeOf(message), message.GetType().Name, () =>
        {
            Waiting--;
            receive(message);
        });
    }

    public void TellAndRun(object message) => Tell(message);
}
