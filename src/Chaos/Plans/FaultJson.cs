using System.Text.Json.Serialization;

namespace Lockstep.Chaos.Plans;

/// <summary>A fault in a plan; what does not belong to its kind is absent.</summary>
/// <param name="At">When, in seconds after the run's first checkpoint.</param>
/// <param name="Fault">A <see cref="FaultKind"/>.</param>
/// <param name="Worker">Number of the worker that it hits.</param>
/// <param name="Coordinator">The <see cref="CoordinatorRole"/> that it hits.</param>
/// <param name="Seconds">How long it lasts.</param>
/// <param name="MegabytesPerSecond">Bandwidth.</param>
internal sealed record FaultJson(
    double At,
    string Fault,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Worker,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Coordinator,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MegabytesPerSecond)
{
    public static FaultJson Of(Fault fault) => new(
        fault.At,
        FaultKinds.NameOf(fault.Kind),
        fault.Worker > 0 ? fault.Worker : null,
        fault.Coordinator is { } role ? FaultKinds.NameOf(role) : null,
        fault.Seconds > 0 ? fault.Seconds : null,
        fault.MegabytesPerSecond > 0 ? fault.MegabytesPerSecond : null);

    /// <summary>As <see cref="Fault"/> says it; only the kind where that is not known.</summary>
    public string ToWords() => Enum.TryParse(Fault, ignoreCase: true, out FaultKind kind)
        ? new Fault(At, kind)
        {
            Worker = Worker ?? 0,
            Coordinator = Enum.TryParse(Coordinator, ignoreCase: true, out CoordinatorRole role) ? role : null,
            Seconds = Seconds ?? 0,
            MegabytesPerSecond = MegabytesPerSecond ?? 0,
        }.ToString()
        : Fault;
}
