using System.Text.Json;
using Lockstep.Model.Specs;

namespace Lockstep.Runs;

/// <summary>One entry in which two run specs differ.</summary>
/// <param name="Name">Such as <c>optimizer.momentum</c> or <c>layers[0].units</c>.</param>
/// <param name="First">In the first spec; null where it has no such entry.</param>
/// <param name="Second">In the second spec.</param>
public sealed record SpecDifference(string Name, string? First, string? Second)
{
    /// <summary>A sentence about it, with names for the two specs.</summary>
    public string ToString(string first, string second) =>
        $"{Name} is {First ?? "not there"} in {first}, {Second ?? "not there"} in {second}";
}

/// <summary>Compares two run specs, entry by entry as in <c>config.json</c>.</summary>
internal static class SpecDifferences
{
    public static IReadOnlyList<SpecDifference> Between(RunSpec first, RunSpec second)
    {
        Dictionary<string, string> ours = Entries(first), theirs = Entries(second);
        return [.. ours.Keys.Union(theirs.Keys)
            .Select(name => new SpecDifference(name, ours.GetValueOrDefault(name), theirs.GetValueOrDefault(name)))
            .Where(difference => difference.First != difference.Second)];
    }

    internal static Dictionary<string, string> Entries(RunSpec spec)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            RunSpecJson.Write(writer, spec);
        using var document = JsonDocument.Parse(buffer.ToArray());
        var entries = new Dictionary<string, string>();
        Collect("", document.RootElement, entries);
        return entries;
    }

    private static void Collect(string name, JsonElement element, Dictionary<string, string> entries)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
                Collect(name.Length == 0 ? property.Name : $"{name}.{property.Name}", property.Value, entries);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            int i = 0;
            foreach (JsonElement item in element.EnumerateArray())
                Collect($"{name}[{i++}]", item, entries);
        }
        else
        {
            entries[name] = element.ToString() is { Length: > 0 } text ? text : "null";
        }
    }
}
