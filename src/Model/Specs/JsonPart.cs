using System.Text.Json;

namespace Lockstep.Model.Specs;

/// <summary>A value in a JSON file with its position, and the list that collects its mistakes.</summary>
internal readonly struct JsonPart(JsonElement element, string place, List<string> problems)
{
    // At most this many unknown keys of an object are reported, each cut to this length.
    private const int MostUnknown = 20, LongestText = 60;

    public bool IsText => element.ValueKind == JsonValueKind.String;

    /// <summary>Whether it is an object; reports keys outside <paramref name="known"/>.</summary>
    public bool IsObject(string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{(place.Length == 0 ? "the file" : place)} is {Describe(element)}; expected an object.");
            return false;
        }

        int unknown = 0;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name, StringComparer.Ordinal) && ++unknown <= MostUnknown)
                problems.Add($"{At(Short(property.Name))} is unknown; expected one of {string.Join(", ", known)}.");
        }

        if (unknown > MostUnknown)
            problems.Add($"{(place.Length == 0 ? "the file" : place)} has {unknown - MostUnknown:N0} more unknown keys.");

        return true;
    }

    public JsonPart? Find(string key) =>
        element.TryGetProperty(key, out JsonElement value) ? new JsonPart(value, At(key), problems) : null;

    public IReadOnlyList<JsonPart> Items(string key, int max)
    {
        if (!element.TryGetProperty(key, out JsonElement value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Report(key, $"{Given(key)}; expected a list of at least one");
            return [];
        }

        if (value.GetArrayLength() > max)
        {
            Report(key, $"there are {value.GetArrayLength():N0}; at most {max} are supported");
            return [];
        }

        (string at, List<string> list) = (At(key), problems);
        return [.. value.EnumerateArray().Select((item, i) => new JsonPart(item, $"{at}[{i}]", list))];
    }

    public int Integer(string key, NumberRange<int> range)
    {
        if (element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out int number) && range.Contains(number))
            return number;
        Report(key, $"{Given(key)}; expected {range.Words}");
        return range.Min;
    }

    public double? Number(string key, NumberRange<double> range)
    {
        if (!element.TryGetProperty(key, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && range.Contains(number))
            return number;
        Report(key, $"{Given(key)}; expected {range.Words}");
        return null;
    }

    public bool? Boolean(string key)
    {
        if (!element.TryGetProperty(key, out JsonElement value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Report(key, $"{Given(key)}; expected true or false");
        return null;
    }

    public string? Text(string key)
    {
        if (!element.TryGetProperty(key, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Report(key, $"{Given(key)}; expected text");
        return null;
    }

    public string? Choice(string key, IReadOnlyList<string> choices)
    {
        if (Text(key) is not { } text)
            return null;
        if (choices.Contains(text, StringComparer.Ordinal))
            return text;
        Report(key, $"{Given(key)}; expected one of {string.Join(", ", choices)}");
        return null;
    }

    /// <summary>The kind of a layer; null if none is given, or the part is not an object.</summary>
    public string? KindName() => element.ValueKind == JsonValueKind.Object ? Choice("kind", LayerKind.Names) : null;

    public Initializer? Initializer(string key)
    {
        if (Text(key) is not { } text)
            return null;
        try
        {
            return Specs.Initializer.Parse(text);
        }
        catch (FormatException e)
        {
            problems.Add($"{At(key)}: {e.Message}");
            return null;
        }
    }

    /// <summary>Reports a mistake in the value of a key.</summary>
    public void Report(string key, string problem) => problems.Add($"{At(key)}: {problem}.");

    private string At(string key) => place.Length == 0 ? key : $"{place}.{key}";

    private string Given(string key) => element.TryGetProperty(key, out JsonElement value) ? $"got {Describe(value)}" : "it is missing";

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "an empty list" : "a list",
        _ => Short(value.GetRawText()),
    };

    private static string Short(string text) => text.Length > LongestText ? text[..LongestText] + "..." : text;
}
