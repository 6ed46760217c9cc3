namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>Ways to cut a machine off.</summary>
public enum Cut
{
    /// <summary>The cable is pulled out of the switch.</summary>
    AtTheSwitch,

    /// <summary>The machine's own interface is off.</summary>
    AtTheWorker,

    /// <summary>What is sent to the machine is lost.</summary>
    NothingReachesTheWorker,

    /// <summary>What the machine sends is lost.</summary>
    NothingComesFromTheWorker,

    /// <summary>Everything is lost, on a line that looks sound.</summary>
    SilentlyBothWays,
}
