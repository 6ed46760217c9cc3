namespace Lockstep.Cli.Chaos.Plans;

/// <summary>What belongs to each kind of fault.</summary>
internal static class FaultKinds
{
    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<FaultKind> All { get; } = Enum.GetValues<FaultKind>();

    /// <summary>As a plan and the table have it.</summary>
    public static string NameOf(FaultKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Whether it befalls one worker that is there.</summary>
    public static bool HasWorker(FaultKind kind) => kind is not (FaultKind.Join or FaultKind.Disk or FaultKind.Restart);

    /// <summary>Whether it lasts.</summary>
    public static bool Lasts(FaultKind kind) => kind is FaultKind.Pause or FaultKind.Partition or FaultKind.Slow or FaultKind.Disk or FaultKind.Restart;
}
