using Lockstep.Model.Specs;
using Lockstep.Shared.Files;

namespace Lockstep.Networks;

/// <summary>Names in the model for parameters of a file.</summary>
/// <param name="Names">Name in the model by name in the file.</param>
public sealed record NameMap(IReadOnlyDictionary<string, string> Names)
{
    /// <summary>Maps nothing.</summary>
    public static NameMap Empty { get; } = new(new Dictionary<string, string>());

    /// <summary>Reads <c>THEIRS=OURS</c>, separated by commas, or a JSON file with an object of such pairs.</summary>
    /// <exception cref="FormatException">A part is not a pair, a name is given twice, or the file cannot be read.</exception>
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
                throw new FormatException($"'{part}' is not a pair of names");
            if (!names.TryAdd(theirs, ours))
                throw new FormatException($"'{theirs}' is there twice");
        }

        return new NameMap(names);
    }

    private static NameMap ReadFile(string path)
    {
        byte[] json;
        try
        {
            json = BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path} cannot be read: {e.Message}");
        }

        var problems = new List<string>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        using (var file = JsonInput.Parse(json, path, problems.Add))
        {
            if (file is not null && file.Root.IsObject("""{ "weights_0": "layer0/weights" }"""))
                ReadNames(file.Root, names);
        }

        return problems.Count == 0 ? new NameMap(names) : throw new FormatException(string.Join(' ', problems));
    }

    private static void ReadNames(JsonPart root, Dictionary<string, string> names)
    {
        foreach (JsonPart pair in root.Properties)
        {
            if (!pair.IsText)
                pair.Report($"it is {pair.Words}; expected the name of a parameter of the model");
            else if (!names.TryAdd(pair.Key, pair.Scalar!))
                pair.Report("it is given twice; keep one of them");
        }
    }
}
