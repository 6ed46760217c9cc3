namespace Lockstep.Shared.Cluster;

/// <summary>
/// How many of a cluster's nodes it takes to lead. Two sides of a cut can not both have enough: a leader stays with half of the nodes, a standby needs
/// more than half.
/// </summary>
public static class Majority
{
    /// <summary>Whether a leader that does not hear another coordinator stays.</summary>
    /// <param name="heard">Nodes that it hears, itself included.</param>
    /// <param name="all">Nodes of the cluster.</param>
    public static bool Keeps(int heard, int all) => 2 * heard >= all;

    /// <summary>Whether a standby leads in place of one that it does not hear.</summary>
    /// <param name="promised">Nodes that have promised it their obedience, itself included.</param>
    /// <param name="all">Nodes of the cluster, without those that are known to have ended.</param>
    public static bool Elects(int promised, int all) => 2 * promised > all;
}
