using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Shared.Files;
using Lockstep.Shared.Restoring;

namespace Lockstep.Networks;

/// <summary>Names in the model for parameters of a file.</summary>
/// <param name="Names">Name in the model by name in the file.</param>
public sealed record NameMap(IReadOnlyDictionary<string, string> Names)
{
    /// <summary>Maps nothing.</summary>
    public static NameMap Empty { get; } = new(new Dictionary<string, string>());

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads <c>THEIRS=OURS</c>, separated by commas, or a JSON object of such pairs, which may be in a file whose name ends in
    /// <c>.json</c>. Names with commas or equals signs need JSON.
    /// </summary>
    /// <exception cref="FormatException">A part is not a pair, a name is given twice, or the file cannot be read.</exception>
    public static NameMap Parse(string text)
    {
        if (text.StartsWith('{'))
            return ReadJson(Encoding.UTF8.GetBytes(text), "the map");
        bool isFile = text.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !text.Contains('=', StringComparison.Ordinal);
        return isFile ? ReadFile(text) : ReadPairs(text);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        string pairs = string.Join(',', Names.Select(pair => $"{pair.Key}={pair.Value}"));
        return Names.Keys.Any(name => name.AsSpan().ContainsAny(',', '=') || name != name.Trim()) || pairs.StartsWith('{')
            ? JsonSerializer.Serialize(Names, Readable)
            : pairs;
    }

    /// <summary>
    /// A map that gives parameters a tensor: to those that are missing, in layer order, the first of the rest that fits, as people count
    /// names.
    /// </summary>
    /// <param name="plan">What becomes of parameters and tensors.</param>
    /// <param name="given">The map that it was made with.</param>
    /// <param name="fits">Whether a tensor of the file, by its shape, fits a parameter.</param>
    /// <returns>The map, with what was given; null where nothing fits.</returns>
    public static NameMap? Suggest(
        RestorePlan plan, IReadOnlyDictionary<string, string> given, Func<IReadOnlyList<int>, IReadOnlyList<int>, bool> fits)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(fits);
        RestoreRow[] missing = [.. plan.Rows.Where(row => row.Outcome == RestoreOutcome.Missing)];
        List<RestoreRow> left =
            [.. plan.Rows.Where(row => row.Outcome == RestoreOutcome.Unused).OrderBy(row => row.Source!, NaturalOrder.Instance)];
        if (plan.MapProblems.Count > 0)
            return null;
        var names = new Dictionary<string, string>(given, StringComparer.Ordinal);
        foreach (RestoreRow row in missing)
        {
            int part = PartOf(row.Parameter!);
            if (left.Where(other => PartOf(other.Source!) == part).Concat(left).FirstOrDefault(
                other => fits(other.SourceShape!, row.Shape!)) is not { } found)
                continue;
            left.Remove(found);
            names[found.Source!] = row.Parameter!;
        }

        return names.Count > given.Count ? new NameMap(names) : null;
    }

    // Which part of a layer a name is of, by the words that libraries use.
    private static int PartOf(string name)
    {
        string last = name[(name.LastIndexOfAny(['.', '/']) + 1)..];
        return last.Contains("mean", StringComparison.OrdinalIgnoreCase) ? 2
            : last.Contains("var", StringComparison.OrdinalIgnoreCase) ? 3
            : last.StartsWith('b') || last.StartsWith('B') ? 1
            : 0;
    }

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
        try
        {
            return ReadJson(BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path} cannot be read: {BoundedFile.ReasonOf(path, e)}");
        }
    }

    private static NameMap ReadJson(byte[] json, string name)
    {
        var problems = new List<string>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        using (var file = JsonInput.Parse(json, name, problems.Add))
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
