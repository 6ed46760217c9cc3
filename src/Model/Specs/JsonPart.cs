using System.Text.Json;
using Lockstep.Model.Text;

namespace Lockstep.Model.Specs;

/// <summary>
/// A value in a <see cref="JsonInput"/>, which knows its place there. Reading a key that has another kind of value or an illegal one
/// reports that and gives null, as does a missing key that is required.
/// </summary>
public readonly struct JsonPart
{
    // So many mistakes of one kind in one object are told one by one.
    private const int MostTold = 20;

    private readonly JsonElement _element;
    private readonly string? _file;
    private readonly string _path;
    private readonly Action<string> _report;

    internal JsonPart(JsonElement element, string? file, Action<string> report)
        : this(element, file, "", "", report)
    {
    }

    private JsonPart(JsonElement element, string? file, string path, string key, Action<string> report)
    {
        _element = element;
        _file = file;
        _path = path;
        Key = key;
        _report = report;
    }

    /// <summary>Name of the property that holds it, as written; empty for the document and for items of a list.</summary>
    public string Key { get; }

    /// <summary>Where it is, such as <c>layers[0].units</c>; empty for the document.</summary>
    public string Place => _path;

    /// <summary>Whether it is a text.</summary>
    public bool IsText => _element.ValueKind == JsonValueKind.String;

    /// <summary>Whether it is a list.</summary>
    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>A text as it is, a number as written, a truth value as <c>true</c> or <c>false</c>; null for anything else.</summary>
    public string? Scalar => _element.ValueKind switch
    {
        JsonValueKind.String => _element.GetString(),
        JsonValueKind.Number => _element.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    /// <summary>What it is, for a message: <c>null</c>, <c>a list</c>, <c>an object</c>, or the value as written, cut short.</summary>
    public string Words => _element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => _element.GetArrayLength() == 0 ? "an empty list" : "a list",
        _ => ForeignText.Beginning(_element.GetRawText()),
    };

    /// <summary>The properties of an object, in the order written, those that are there twice included; of anything else none.</summary>
    public IEnumerable<JsonPart> Properties
    {
        get
        {
            if (_element.ValueKind != JsonValueKind.Object)
                yield break;
            foreach (JsonProperty property in _element.EnumerateObject())
                yield return Child(property.Name, property.Value);
        }
    }

    /// <summary>Whether it is an object, which is reported if not.</summary>
    /// <param name="example">Shows what one looks like; null for nothing.</param>
    public bool IsObject(string? example = null)
    {
        if (_element.ValueKind == JsonValueKind.Object)
            return true;
        string verb = _path.Length == 0 ? "holds" : "is";
        Say($"{verb} {Words}; expected an object{(example is null ? "" : $" such as {example}")}.");
        return false;
    }

    /// <summary>Whether it is an object, which is reported if not, as are keys that are unknown or there twice.</summary>
    /// <param name="known">The keys that it may have.</param>
    /// <param name="example">Shows what one looks like; null for nothing.</param>
    public bool IsObject(IReadOnlyList<string> known, string? example = null)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (!IsObject(example))
            return false;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int unknown = 0;
        foreach (JsonPart property in Properties)
        {
            if (known.Contains(property.Key, StringComparer.Ordinal))
            {
                if (!seen.Add(property.Key))
                    property.Say("is given twice; keep one of them.");
            }
            else if (++unknown <= MostTold)
            {
                string? near = Spelling.Nearest(ForeignText.Beginning(property.Key), known);
                property.Say($"is unknown; {(near is null ? $"expected one of {string.Join(", ", known)}." : $"did you mean {near}?")}");
            }
        }

        if (unknown > MostTold)
            Say($"has {unknown - MostTold:N0} more unknown keys.");
        return true;
    }

    /// <summary>The value of a key; null where it is missing.</summary>
    public JsonPart? Find(string key) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(key, out JsonElement value) ? Child(key, value) : null;

    /// <summary>The items of a list, which must be there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="least">The least number of items.</param>
    /// <param name="most">The largest number of items.</param>
    /// <returns>None where the list is refused.</returns>
    public IReadOnlyList<JsonPart> Items(string key, int least, int most)
    {
        string expected = least == 1 ? "a list of at least one" : "a list";
        if (Find(key) is not { } list)
        {
            Child(key, default).Say($"is missing; expected {expected}.");
            return [];
        }

        if (list._element.ValueKind != JsonValueKind.Array || list._element.GetArrayLength() < least)
        {
            Refuse(list, expected);
            return [];
        }

        if (list._element.GetArrayLength() > most)
        {
            list.Say($"has {list._element.GetArrayLength():N0} items; expected at most {most:N0}.");
            return [];
        }

        return [.. list._element.EnumerateArray().Select((item, i) => list.Item(i, item))];
    }

    /// <summary>A whole number.</summary>
    public int? WholeNumber(string key, NumberRange<int> range, bool isRequired = false)
    {
        ArgumentNullException.ThrowIfNull(range);
        return Value(key, range.Words, isRequired)?.WholeNumber(range);
    }

    /// <summary>This value as a whole number.</summary>
    public int? WholeNumber(NumberRange<int> range)
    {
        ArgumentNullException.ThrowIfNull(range);
        // 2.0 and 2e0 are whole too.
        if (AsDouble() is { } number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue)
        {
            if (range.Contains((int)number))
                return (int)number;
        }

        Refuse(this, range.Words);
        return null;
    }

    /// <summary>A number.</summary>
    public double? Number(string key, NumberRange<double> range, bool isRequired = false)
    {
        ArgumentNullException.ThrowIfNull(range);
        if (Value(key, range.Words, isRequired) is not { } value)
            return null;
        if (value.AsDouble() is { } number && range.Contains(number))
            return number;
        Refuse(value, range.Words);
        return null;
    }

    /// <summary>A truth value.</summary>
    public bool? Boolean(string key, bool isRequired = false)
    {
        const string words = "true or false";
        if (Value(key, words, isRequired) is not { } value)
            return null;
        if (value._element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value._element.GetBoolean();
        Refuse(value, words);
        return null;
    }

    /// <summary>A text.</summary>
    public string? Text(string key, bool isRequired = false)
    {
        const string words = "text";
        if (Value(key, words, isRequired) is not { } value)
            return null;
        if (value.IsText)
            return value._element.GetString();
        Refuse(value, words);
        return null;
    }

    /// <summary>One of some texts.</summary>
    public string? Choice(string key, IReadOnlyList<string> choices, bool isRequired = false)
    {
        string words = $"one of {string.Join(", ", choices)}";
        if (Value(key, words, isRequired) is not { } value)
            return null;
        if (value.IsText && choices.Contains(value.Scalar, StringComparer.Ordinal))
            return value.Scalar;
        string? near = value.IsText ? Spelling.Nearest(ForeignText.Beginning(value.Scalar!), choices) : null;
        if (near is null)
            Refuse(value, words);
        else
            value.Say($"is {value.Words}; did you mean {near}?");
        return null;
    }

    /// <summary>Reports what else is wrong with the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="problem">Follows the place and a colon; without a full stop.</param>
    public void Report(string key, string problem) => Child(key, default).Report(problem);

    /// <summary>Reports what else is wrong with this part.</summary>
    /// <param name="problem">Follows the place and a colon; without a full stop.</param>
    public void Report(string problem) => _report($"{Subject}: {problem}{(problem.EndsWith('?') ? "" : ".")}");

    private JsonPart? Value(string key, string words, bool isRequired)
    {
        JsonPart? value = Find(key);
        if (value is null && isRequired)
            Child(key, default).Say($"is missing; expected {words}.");
        return value;
    }

    private double? AsDouble() => _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out double number) ? number : null;

    private static void Refuse(JsonPart value, string words) => value.Say($"is {value.Words}; expected {words}.");

    private string Subject => _path.Length == 0 ? _file ?? JsonInput.Unnamed : _file is null ? _path : $"{_file}: {_path}";

    private void Say(string problem) => _report($"{Subject} {problem}");

    private JsonPart Child(string key, JsonElement value)
    {
        string shown = ForeignText.Beginning(key);
        return new JsonPart(value, _file, _path.Length == 0 ? shown : $"{_path}.{shown}", key, _report);
    }

    private JsonPart Item(int index, JsonElement value) => new(value, _file, $"{_path}[{index}]", "", _report);
}
