using Lockstep.Shared.Cluster;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>The way of messages outside of streams, from one machine to a process of another: each arrives once or not at all.</summary>
internal sealed class RemoteMailbox(VirtualNetwork network, int from, int to, SimProcess process, Action<object> receive) : IMailbox
{
    public void Tell(object message) => network.Control(from, to, process, message.GetType().Name, () => receive(message));

    public void TellAndRun(object message) => Tell(message);
}
