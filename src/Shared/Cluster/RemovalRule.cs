namespace Lockstep.Shared.Cluster;

/// <summary>Whom a node removes from the cluster.</summary>
public enum Removal
{
    /// <summary>Nobody yet; it looks again later.</summary>
    Nobody,

    /// <summary>The member that it does not hear.</summary>
    Member,

    /// <summary>Itself: others have the say, or may have.</summary>
    Self,
}

/// <summary>What a node of a cluster sees when it has not heard another one for a while.</summary>
/// <param name="IsCoordinator">Whether it is a coordinator, leading or standing by.</param>
/// <param name="IsFirst">Whether it is the first of the coordinators: the one that leads, as long as nothing is wrong.</param>
/// <param name="MissesFirst">Whether it is the first of the coordinators that it does not hear.</param>
/// <param name="CoordinatorsHeard">Coordinators that it hears, itself included.</param>
/// <param name="Coordinators">All coordinators.</param>
/// <param name="Heard">Nodes that it hears, itself included.</param>
/// <param name="All">All nodes.</param>
public readonly record struct NodeView(
    bool IsCoordinator, bool IsFirst, bool MissesFirst, int CoordinatorsHeard, int Coordinators, int Heard, int All);

/// <summary>The decision of <see cref="CoordinatorDecides"/>, without a cluster.</summary>
public static class RemovalRule
{
    /// <summary>Whom to remove because a member has not been heard for too long.</summary>
    public static Removal Decide(in NodeView view)
    {
        if (!view.IsCoordinator)
            return view.CoordinatorsHeard > 0 ? Removal.Nobody : Removal.Self;
        if (!view.IsFirst)
            return view.MissesFirst ? Removal.Self : Removal.Nobody; // Others are for the first to remove.
        // Without the weights nobody else can lead: where all coordinators are heard, this one stays, however few others are.
        if (view.CoordinatorsHeard == view.Coordinators)
            return Removal.Member;
        return Majority.Keeps(view.Heard, view.All) ? Removal.Member : Removal.Self;
    }
}
