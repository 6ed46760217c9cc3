using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Peers;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;

namespace Lockstep.Coordinator.Hosting;

/// <summary>
/// What workers find at a coordinator's address in the cluster. Passes their requests on to the leadership, with the address of the sender,
/// and tells it which nodes the cluster removes.
/// </summary>
internal sealed class ClusterGate : UntypedActor
{
    private readonly IMailbox _leadership;
    private readonly Cluster _cluster = Cluster.Get(Context.System);

    public static Props Props(IMailbox leadership) => Akka.Actor.Props.Create(() => new ClusterGate(leadership));

    public ClusterGate(IMailbox leadership) => _leadership = leadership;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, typeof(ClusterEvent.MemberRemoved));
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FindLeader find:
                _leadership.Tell(new LeaderAsked(find, NameOf(Sender.Path.Address), new ActorMailbox(Sender)));
                break;
            case JoinRun join:
                OnJoinRun(join);
                break;
            case ClusterEvent.MemberRemoved removed:
                _leadership.Tell(new NodeRemoved(removed.Member.UniqueAddress.ToString()));
                break;
            case PeerRefused refused:
                _leadership.Tell(refused);
                break;
        }
    }

    private void OnJoinRun(JoinRun join)
    {
        Address address = Sender.Path.Address;
        if (_cluster.State.Members.FirstOrDefault(member => member.Address == address) is { } member)
            _leadership.Tell(new WorkerAsked(join, NameOf(address), member.UniqueAddress.ToString(), new ActorMailbox(Sender)));
    }

    private static string NameOf(Address address) => $"{address.Host}:{address.Port}";
}
