using System.Text.Json;

namespace Lockstep.Runs;

/// <summary>Properties of JSON objects that may be missing or of another kind: null for those.</summary>
internal static class JsonValues
{
    /// <summary>A text.</summary>
    public static string? Text(this JsonElement? element, string name) =>
        element.Find(name, JsonValueKind.String) is { } value ? value.GetString() : null;

    /// <summary>A number.</summary>
    public static double? Number(this JsonElement? element, string name) =>
        element.Find(name, JsonValueKind.Number) is { } value ? value.GetDouble() : null;

    /// <summary>A whole number.</summary>
    public static long? WholeNumber(this JsonElement? element, string name) =>
        element.Find(name, JsonValueKind.Number) is { } value && value.TryGetInt64(out long number) ? number : null;

    /// <summary>An object.</summary>
    public static JsonElement? Object(this JsonElement? element, string name) => element.Find(name, JsonValueKind.Object);

    private static JsonElement? Find(this JsonElement? element, string name, JsonValueKind kind) =>
        element is { ValueKind: JsonValueKind.Object } properties && properties.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == kind
            ? value
            : null;
}
