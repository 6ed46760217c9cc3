namespace Lockstep.Hostile.Tests;

/// <summary>Good inputs of every parser, from which bad ones are made; and bad ones that were not refused once.</summary>
internal static class Corpus
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Corpus");

    public static byte[] Read(string parser, string file) => File.ReadAllBytes(Path.Combine(Folder, parser, file));

    public static IReadOnlyList<(string Name, byte[] Bytes)> Of(Parser parser) =>
        [.. Directory.GetFiles(Path.Combine(Folder, parser.Name)).Order(StringComparer.Ordinal).Select(
            file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
}
