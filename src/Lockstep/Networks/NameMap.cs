using System.Text.Json;
using Lockstep.Shared.Files;

namespace Lockstep.Networks;

/// <summary>What parameters of a file are called in the model.</summary>
/// <param name="Names">Name in the model by name in the file.</param>
public sealed record NameMap(IReadOnlyDictionary<string, string> Names)
{
    /// <summary>Maps nothing.</summary>
    public static NameMap Empty { get; } = new(new Dictionary<string, string>());

    /// <summary>Reads <c>THEIRS=OURS</c>, separated by commas, or a JSON file with an object of such pairs.</summary>
    /// <exception cref="FormatException">A part is no pair, a name is given twice, or the file cannot be read.</exception>
    public static NameMap Parse(string text)
    {
        bool isFile = text.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !text.Contains('=', StringComparison.Ordinal);
        return isFile ? ReadFile(text) : ReadPairs(text);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Join(',', Names.Select(pair => $"{pair.Key}={pair.Value}"));

    private static NameMap ReadPairs(string text)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [{ Length: > 0 } theirs, { Length: > 0 } ours])
                throw new FormatException($"'{part}' is no pair of names");
            if (!names.TryAdd(theirs, ours))
                throw new FormatException($"'{theirs}' is there twice");
        }

        return new NameMap(names);
    }

    private static NameMap ReadFile(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(BoundedFile.ReadAllText(path, BoundedFile.MaxTextBytes), new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.EnumerateObject().Any(pair => pair.Value.ValueKind != JsonValueKind.String))
                throw new FormatException($"{path} is not an object of names such as {{\"weights_0\": \"layer0/weights\"}}.");
            return new NameMap(document.RootElement.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!, StringComparer.Ordinal));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is not Unicode.
            throw new FormatException($"{path} is not a JSON file of names: {e.Message.Split(" LineNumber:")[0]}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path} cannot be read: {e.Message}");
        }
    }
}
