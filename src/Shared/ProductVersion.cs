using System.Reflection;

namespace Lockstep.Shared;

/// <summary>Version of this build of Lockstep.</summary>
public static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>; with <c>+commit</c> where the build knew it.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
