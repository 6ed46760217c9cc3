using Akka.Actor;
using Akka.Cluster;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Who is removed when nodes do not hear each other: the cluster is a star, and its middle, which has the weights, stays. The coordinator removes
/// every worker that it does not hear for a while, and, where there are no others that could lead, never itself. A worker that hears no coordinator
/// for as long removes itself. What workers hear of each other means nothing. Akka's own strategies know no middle: where one worker loses the
/// coordinator and both still hear the others, they remove both.
/// Where there are standbys and the leading coordinator does not hear one of them, it stays if it hears half of all nodes (<see cref="Majority"/>);
/// otherwise it removes itself. A standby that does not hear the leader, and was not elected meanwhile, removes itself too, to join again.
/// </summary>
/// <param name="system">The node.</param>
/// <param name="cluster">Its cluster.</param>
public sealed class CoordinatorDecides(ActorSystem system, Akka.Cluster.Cluster cluster) : IDowningProvider
{
    /// <summary>Setting: how long a node is unreachable before it is removed.</summary>
    public const string RemoveAfterKey = "lockstep.remove-unreachable-after";

    /// <summary>How long a node is unreachable before it is removed.</summary>
    public TimeSpan RemoveAfter { get; } = system.Settings.Config.GetTimeSpan(RemoveAfterKey);

    /// <summary>Nothing waits for the losing side to stop.</summary>
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    /// <summary>The actor that decides.</summary>
    public Props DowningActorProps => Props.Create(() => new Decider(cluster, RemoveAfter));

    /// <summary>Receives what the cluster finds unreachable and reachable again; tells the cluster whom to remove.</summary>
    private sealed class Decider : ReceiveActor, IWithTimers
    {
        private readonly Akka.Cluster.Cluster _cluster;
        private readonly TimeSpan _removeAfter;

        public Decider(Akka.Cluster.Cluster cluster, TimeSpan removeAfter)
        {
            (_cluster, _removeAfter) = (cluster, removeAfter);
            Receive<ClusterEvent.UnreachableMember>(unreachable => OnUnreachable(unreachable.Member));
            Receive<ClusterEvent.ReachableMember>(reachable => Timers.Cancel(reachable.Member.UniqueAddress));
            Receive<ClusterEvent.MemberRemoved>(removed => Timers.Cancel(removed.Member.UniqueAddress));
            Receive<Overdue>(overdue => OnOverdue(overdue.Member));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        private bool IsCoordinator => Coordinators.Includes(_cluster.SelfMember);

        protected override void PreStart() => _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IReachabilityEvent), typeof(ClusterEvent.MemberRemoved));

        protected override void PostStop() => _cluster.Unsubscribe(Self);

        private void OnUnreachable(Member member)
        {
            if (IsCoordinator || Coordinators.Includes(member))
                Timers.StartSingleTimer(member.UniqueAddress, new Overdue(member), _removeAfter);
        }

        private void OnOverdue(Member member)
        {
            // Another node may be alone with not hearing it; that is no reason for anybody to go.
            Removal removal = Coordinators.Hears(_cluster, member) ? Removal.Nobody : RemovalRule.Decide(ViewWithout(member));
            if (removal == Removal.Nobody)
                OnUnreachable(member);
            else
                _cluster.Down(removal == Removal.Member ? member.Address : _cluster.SelfAddress);
        }

        private NodeView ViewWithout(Member member)
        {
            IReadOnlyList<Member> coordinators = Coordinators.InOrder(_cluster);
            Member[] all = [.. Coordinators.Members(_cluster)];
            return new NodeView(
                IsCoordinator,
                IsFirst: coordinators.Count > 0 && coordinators[0].UniqueAddress == _cluster.SelfUniqueAddress,
                MissesFirst: coordinators.Count > 0 && coordinators[0].Equals(member),
                coordinators.Count(Hears), coordinators.Count, all.Count(Hears), all.Length);

            bool Hears(Member other) => Coordinators.Hears(_cluster, other);
        }
    }

    private sealed record Overdue(Member Member);
}
