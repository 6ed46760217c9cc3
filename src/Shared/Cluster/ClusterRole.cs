namespace Lockstep.Shared.Cluster;

/// <summary>Role of a node in the cluster.</summary>
public enum ClusterRole
{
    /// <summary>Owns the weights; exactly one a cluster.</summary>
    Coordinator,

    /// <summary>Computes gradients; any number.</summary>
    Worker,
}
