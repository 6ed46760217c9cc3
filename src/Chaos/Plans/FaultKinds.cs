namespace Lockstep.Chaos.Plans;

/// <summary>Properties of each kind of fault.</summary>
internal static class FaultKinds
{
    /// <summary>All kinds, in the order of the help.</summary>
    public static IReadOnlyList<FaultKind> All { get; } = Enum.GetValues<FaultKind>();

    /// <summary>Name of a kind in plans and in the table.</summary>
    public static string NameOf(FaultKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Name of a role in plans and in the table.</summary>
    public static string NameOf(CoordinatorRole role) => role.ToString().ToLowerInvariant();

    /// <summary>Whether it hits a process that exists.</summary>
    public static bool HasVictim(FaultKind kind) => kind is not (FaultKind.Join or FaultKind.Disk);

    /// <summary>Whether it lasts. For a coordinator that is killed or leaves, the time without a process.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ofCoordinator">Whether a coordinator is the victim.</param>
    public static bool Lasts(FaultKind kind, bool ofCoordinator) =>
        kind is FaultKind.Pause or FaultKind.Partition or FaultKind.Slow or FaultKind.Disk
        || (ofCoordinator && kind is (FaultKind.Kill or FaultKind.Leave));
}
