using System.Diagnostics.Metrics;

namespace Lockstep.Shared;

/// <summary>
/// Metrics of Lockstep, for <c>/metrics</c>, <c>dotnet-counters</c>, or OpenTelemetry in a program that uses the library. Without a
/// listener a measurement costs one comparison. Names and meanings: docs/operations.md.
/// </summary>
public static class LockstepMeter
{
    /// <summary>Name of every Lockstep meter.</summary>
    public const string Name = "Lockstep";

    /// <summary>Creates a meter of that name. The caller disposes it.</summary>
    public static Meter Create() => new(Name, ProductVersion.Current);
}
