using System.Reflection;

namespace Lockstep.Shared;

/// <summary>Version of this build of Lockstep.</summary>
public static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>; with <c>+commit</c> where the build knew it.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Why another node does not take part, as a sentence of "it"; null if its version is this one.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="here">What this node is called, such as "the coordinator".</param>
    public static string? Objection(string version, string here) =>
        version == Current ? null : $"It is Lockstep {version}, {here} is {Current}. Use the same version on every machine.";
}
