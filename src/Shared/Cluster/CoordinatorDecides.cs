using Akka.Actor;
using Akka.Cluster;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Akka downing strategy for a star-shaped cluster whose centre is the coordinator. The coordinator removes every worker it has not heard
/// for a while, and never itself. A worker that has not heard the coordinator for as long removes itself. Reachability between workers is
/// ignored. Akka's own strategies have no centre: if one worker loses the coordinator while both hear the others, they remove both.
/// </summary>
/// <param name="system">The node.</param>
/// <param name="cluster">Its cluster.</param>
public sealed class CoordinatorDecides(ActorSystem system, Akka.Cluster.Cluster cluster) : IDowningProvider
{
    /// <summary>Setting: how long a node is unreachable before it is removed.</summary>
    public const string RemoveAfterKey = "lockstep.remove-unreachable-after";

    /// <summary>How long a node is unreachable before it is removed.</summary>
    public TimeSpan RemoveAfter { get; } = system.Settings.Config.GetTimeSpan(RemoveAfterKey);

    /// <summary>Zero: nothing waits for the removed side to stop.</summary>
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    /// <summary>The actor that decides.</summary>
    public Props DowningActorProps => Props.Create(() => new Decider(cluster, RemoveAfter));

    /// <summary>Receives reachability events; tells the cluster which members to remove.</summary>
    private sealed class Decider : ReceiveActor, IWithTimers
    {
        private static readonly string Coordinator = ClusterConfig.NameOf(ClusterRole.Coordinator);

        private readonly Akka.Cluster.Cluster _cluster;
        private readonly TimeSpan _removeAfter;

        public Decider(Akka.Cluster.Cluster cluster, TimeSpan removeAfter)
        {
            _cluster = cluster;
            _removeAfter = removeAfter;
            Receive<ClusterEvent.UnreachableMember>(unreachable => OnUnreachable(unreachable.Member));
            Receive<ClusterEvent.ReachableMember>(reachable => Timers.Cancel(reachable.Member.UniqueAddress));
            Receive<ClusterEvent.MemberRemoved>(removed => Timers.Cancel(removed.Member.UniqueAddress));
            Receive<Overdue>(overdue => OnOverdue(overdue.Member));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.MemberRemoved));

        protected override void PostStop() => _cluster.Unsubscribe(Self);

        private void OnUnreachable(Member member)
        {
            if (_cluster.SelfMember.HasRole(Coordinator) || member.HasRole(Coordinator))
                Timers.StartSingleTimer(member.UniqueAddress, new Overdue(member), _removeAfter);
        }

        private void OnOverdue(Member member)
        {
            // Only another node fails to hear this one, which is no reason to remove it.
            if (_cluster.FailureDetector.IsAvailable(member.Address))
                OnUnreachable(member);
            else
                _cluster.Down(_cluster.SelfMember.HasRole(Coordinator) ? member.Address : _cluster.SelfAddress);
        }
    }

    private sealed record Overdue(Member Member);
}
