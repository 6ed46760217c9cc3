using System.Reflection;

namespace Lockstep.Shared;

/// <summary>Version of this build of Lockstep.</summary>
public static class ProductVersion
{
    /// <summary>For example <c>0.1.0</c>, or <c>0.1.0+commit</c> if the build knew its commit.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Why another node cannot take part, as the predicate of a sentence about it; null if the versions match.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="here">What this node is called, such as "the coordinator".</param>
    public static string? Objection(string version, string here) =>
        version == Current ? null : $"It is Lockstep {version}, {here} is {Current}. Use the same version on every machine.";
}
