using System.Diagnostics.Metrics;

namespace Lockstep.Shared;

/// <summary>
/// What Lockstep measures of itself, for whoever listens: the command's <c>/metrics</c>, <c>dotnet-counters</c>, or OpenTelemetry in a program that
/// uses the library. Where nobody does, a measurement costs a comparison. Names and meanings: docs/operations.md.
/// </summary>
public static class LockstepMeter
{
    /// <summary>Name of every meter of Lockstep.</summary>
    public const string Name = "Lockstep";

    /// <summary>A meter of that name, for the instruments of one owner, which disposes it.</summary>
    public static Meter Create() => new(Name, ProductVersion.Current);
}
