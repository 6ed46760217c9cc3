using System.Text.Json;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Reads the header of a safetensors file token by token. Builds no document, so memory is about the size of the header, and duplicate keys
/// are detected.
/// </summary>
internal static class SafetensorsHeader
{
    private static readonly string[] EntryKeys = ["dtype", "shape", "data_offsets"];

    /// <exception cref="InterchangeException">The header violates the format, or contains tensors that cannot be read.</exception>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata) Parse(
        ReadOnlySpan<byte> json, string file)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            (List<SafetensorsEntry> entries, Dictionary<string, string>? metadata) = ReadEntries(ref reader, file);
            _ = reader.Read(); // Detects trailing content.
            return (entries, metadata ?? []);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid Unicode.
            string problem = e is FormatException ? e.Message : "it is not JSON";
            throw new InterchangeException(
                InterchangeError.Invalid, file,
                $"has a header that cannot be used, at byte {reader.TokenStartIndex} of {json.Length}: {problem}.", e);
        }
    }

    private static (List<SafetensorsEntry> Entries, Dictionary<string, string>? Metadata) ReadEntries(
        ref Utf8JsonReader reader, string file)
    {
        var limits = new InterchangeLimits(file);
        var entries = new List<SafetensorsEntry>();
        Dictionary<string, string>? metadata = null;
        _ = reader.Read();
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name != SafetensorsFile.MetadataKey)
                entries.Add(ReadEntry(ref reader, name, limits, file));
            else if (metadata is not null)
                throw new FormatException($"a second {SafetensorsFile.MetadataKey}");
            else
                metadata = ReadMetadata(ref reader);
        }

        return (entries, metadata);
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        Expect(ref reader, JsonTokenType.StartObject, $"an object of texts as {SafetensorsFile.MetadataKey}");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"only texts in {SafetensorsFile.MetadataKey}");
            metadata[key] = reader.GetString()!;
        }

        return metadata;
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name, InterchangeLimits limits, string file)
    {
        string where = ForeignText.Quote(name);
        string? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"an object for {where}");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!EntryKeys.Contains(key))
                throw new FormatException($"{where} has {ForeignText.Quote(key)}, expected {string.Join(", ", EntryKeys)}");
            if ((key == "dtype" && type is not null) || (key == "shape" && shape is not null)
                || (key == "data_offsets" && offsets is not null))
                throw new FormatException($"{where} has {key} twice");
            if (key == "dtype")
                type = ReadText(ref reader, where);
            else if (key == "shape")
                shape = ReadNumbers(ref reader, InterchangeLimits.MaxRank, $"the shape of {where}");
            else
                offsets = ReadNumbers(ref reader, 2, $"the data_offsets of {where}");
        }

        if (type is null || shape is null || offsets is not { Count: 2 })
            throw new FormatException($"{where} is incomplete, expected {string.Join(", ", EntryKeys)}");
        ElementType element = type switch
        {
            "F16" => ElementType.Float16,
            "BF16" => ElementType.BFloat16,
            "F32" => ElementType.Float32,
            "F64" => ElementType.Float64,
            "I64" when BatchCounter.Is(name, shape.Count) => ElementType.Int64,
            _ => throw new InterchangeException(InterchangeError.Unsupported, file,
                $"holds {where} of type {ForeignText.Quote(type)}; expected F32, F16, BF16 or F64. "
                    + "Save it as one of these, or leave it out."),
        };
        int count = limits.Add(name, shape);
        return new SafetensorsEntry(name, element, [.. shape.Select(dimension => (int)dimension)], count, offsets[0], offsets[1]);
    }

    private static string ReadText(ref Utf8JsonReader reader, string where)
    {
        Expect(ref reader, JsonTokenType.String, $"a text as dtype of {where}");
        return reader.GetString()!;
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, int max, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, $"an array as {what}");
        var numbers = new List<long>();
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw new FormatException($"expected whole numbers from 0 as {what}");
            if (numbers.Count == max)
                throw new FormatException($"expected at most {max} numbers as {what}");
            numbers.Add(number);
        }

        return numbers;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string expected)
    {
        if (Next(ref reader) != token)
            throw new FormatException($"expected {expected}");
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) =>
        reader.Read() ? reader.TokenType : throw new FormatException("it ends too early");
}
