namespace Lockstep.Shared.Cluster;

/// <summary>What a node does in the cluster.</summary>
public enum ClusterRole
{
    /// <summary>Owns the weights; exactly one.</summary>
    Coordinator,

    /// <summary>Computes gradients; any number.</summary>
    Worker,
}
