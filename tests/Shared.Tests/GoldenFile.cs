namespace Lockstep.Shared.Tests;

/// <summary>
/// Files of the formats that people have. They are written once for each version of a format and never again: what they hold must stay
/// readable, and as long as a version is written, it is written like this.
/// </summary>
internal static class GoldenFile
{
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));
}
