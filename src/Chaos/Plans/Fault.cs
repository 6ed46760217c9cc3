using System.Globalization;

namespace Lockstep.Chaos.Plans;

/// <summary>One fault of a plan.</summary>
/// <param name="At">When, in seconds after the run's first checkpoint.</param>
/// <param name="Kind">What happens.</param>
internal sealed record Fault(double At, FaultKind Kind)
{
    /// <summary>
    /// Number of the victim, from 1 on; workers that join are numbered in the order of joining. 0 if no worker is the victim.
    /// </summary>
    public int Worker { get; init; }

    /// <summary>Role of the victim; null if no coordinator is the victim.</summary>
    public CoordinatorRole? Coordinator { get; init; }

    /// <summary>How long it lasts; 0 if it does not.</summary>
    public double Seconds { get; init; }

    /// <summary>Bandwidth, in MB/s; only for <see cref="FaultKind.Slow"/>.</summary>
    public double MegabytesPerSecond { get; init; }

    /// <summary>When it ends, in seconds after the run's first checkpoint.</summary>
    public double Ends => At + Seconds;

    /// <summary>Whether it lasts.</summary>
    public bool Lasts => FaultKinds.Lasts(Kind, Coordinator is not null);

    /// <summary>Name of its group, such as <c>pause</c> and <c>kill leader</c>.</summary>
    public string Name => FaultKinds.NameOf(Kind) + (Coordinator is { } role ? $" {FaultKinds.NameOf(role)}" : "");

    /// <summary>Such as <c>pause worker 2 for 1.5 s</c>.</summary>
    public override string ToString()
    {
        string text = Name;
        if (Kind == FaultKind.Disk)
            text += " full";
        if (Worker > 0)
            text += $" worker {Worker}";
        if (Kind == FaultKind.Slow)
            text += string.Create(CultureInfo.InvariantCulture, $" to {MegabytesPerSecond:0.#} MB/s");
        if (Seconds > 0)
            text += string.Create(CultureInfo.InvariantCulture, $" for {Seconds:0.#} s");
        return text;
    }
}
