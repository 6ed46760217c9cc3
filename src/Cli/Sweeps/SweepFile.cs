using System.Globalization;
using Lockstep.Cli.Options;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Lockstep.Shared.Files;
using Lockstep.Sweeps;
using Lockstep.Wording;

namespace Lockstep.Cli.Sweeps;

/// <summary>The file of a sweep: JSON that people write. Reports every mistake at once.</summary>
internal sealed class SweepFile
{
    private const int MostTrials = 1000;

    // Above it, not every whole number is a double.
    private const double LargestWhole = 1L << 53;

    private const string Example = """{ "options": { "epochs": 5 }, "grid": { "learning-rate": [0.01, 0.1] } }""";
    private const string Linear = "linear", Logarithmic = "log";

    private static readonly string[] Keys = ["options", "grid", "random", "trials", "seed", "metric"];
    private static readonly string[] RangeKeys = ["from", "to", "scale"];
    private static readonly NumberRange<int> Trials = new(
        1, MostTrials, ExcludesMin: false, ExcludesMax: false, $"a whole number from 1 to {Format.Count(MostTrials)}");

    private readonly string _path;
    private readonly List<Setting> _shared = [];
    private readonly List<ICliOption> _varied = [];
    private readonly List<SweepParameter> _parameters = [];

    private SweepFile(string path) => _path = path;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RequestException">It cannot be read, or is no sweep; the messages have every mistake.</exception>
    public static SweepPlan Read(string path)
    {
        byte[] json;
        try
        {
            json = BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RequestException($"The sweep {path} cannot be read: {BoundedFile.ReasonOf(path, e)}.", e);
        }

        var problems = new Problems();
        SweepPlan? plan = null;
        using (var file = JsonInput.Parse(json, path, problems.Add))
        {
            if (file is not null)
                plan = new SweepFile(path).Read(file.Root);
        }

        problems.ThrowIfAny();
        return plan!;
    }

    private SweepPlan? Read(JsonPart root)
    {
        if (!root.IsObject(Keys, Example))
            return null;
        if (root.Find("options") is { } options && options.IsObject("""{ "epochs": 5 }"""))
            ReadShared(options);
        ValidationMetric metric = ReadMetric(root);
        IReadOnlyList<SweepPoint>? points = (root.Find("grid"), root.Find("random")) switch
        {
            ({ } grid, null) => ReadGrid(root, grid),
            (null, { } random) => ReadRandom(root, random),
            ({ }, { } random) => Refuse(random, "there is a grid, too; keep one of them"),
            _ => Refuse(root, $"there is neither 'grid' nor 'random'; expected one of them, as in {Example}"),
        };
        return points is null ? null : new SweepPlan(_shared, _varied, _parameters, points, metric);
    }

    private ValidationMetric ReadMetric(JsonPart root)
    {
        bool isRegression = _shared.Any(setting => setting.Option == DataOptions.Target);
        string? given = root.Choice("metric", [.. Enum.GetValues<ValidationMetric>().Select(StopSpec.NameOf)]);
        ValidationMetric metric = given is null ? StopSpec.DefaultMetric(isRegression) : StopSpec.ParseMetric(given);
        if (StopSpec.ProblemOf(metric, isRegression) is { } problem)
            root.Find("metric")!.Value.Report(problem.TrimEnd('.'));
        return metric;
    }

    private void ReadShared(JsonPart options)
    {
        foreach (JsonPart property in options.Properties)
        {
            if (FindOption(property, SweepPlan.OfAll) is not { } option)
                continue;
            if (_shared.Any(setting => setting.Option == option))
                property.Report($"{option.Name} is given twice; keep one of them");
            else if (ReadValue(property, option) is { } text)
                _shared.Add(new Setting(option, [text], SettingSource.File, _path));
        }
    }

    private IReadOnlyList<SweepPoint>? ReadGrid(JsonPart root, JsonPart grid)
    {
        foreach (string key in new[] { "trials", "seed" })
        {
            if (root.Find(key) is { } part)
                part.Report("it belongs to 'random'; a grid has all combinations. Leave it out");
        }

        if (!ReadVaried(grid, mayBeRanges: false))
            return null;
        long combinations = 1;
        foreach (SweepParameter parameter in _parameters)
            combinations = Math.Min(combinations * parameter.Values.Count, int.MaxValue);
        return combinations <= MostTrials
            ? SweepSpace.Grid(_parameters)
            : Refuse(grid, $"it has {Format.Count(combinations)} combinations; expected at most {Format.Count(MostTrials)}");
    }

    private IReadOnlyList<SweepPoint>? ReadRandom(JsonPart root, JsonPart random)
    {
        int? trials = root.WholeNumber("trials", Trials, isRequired: true);
        ulong seed = 1;
        if (root.Find("seed") is { } part && ReadValue(part, TrainingOptions.Seed) is { } text)
            seed = TrainingOptions.Seed.Read(text);
        return ReadVaried(random, mayBeRanges: true) && trials is { } count ? SweepSpace.Draw(_parameters, count, seed) : null;
    }

    /// <summary>Reads options and their values; false where none can be used.</summary>
    private bool ReadVaried(JsonPart space, bool mayBeRanges)
    {
        if (!space.IsObject("""{ "learning-rate": [0.01, 0.1] }"""))
            return false;
        if (!space.Properties.Any())
            space.Report("""it is empty; expected options with values, such as { "learning-rate": [0.01, 0.1] }""");
        foreach (JsonPart property in space.Properties)
        {
            if (FindOption(property, SweepPlan.OfTrial) is not { } option)
                continue;
            if (_varied.Contains(option))
                property.Report($"{option.Name} is given twice; keep one of them");
            else if (_shared.Any(setting => setting.Option == option))
                property.Report($"{option.Name} is among the shared options, too; keep one of them");
            else if (property.Scalar is null && !property.IsArray && mayBeRanges)
                Add(option, ReadRange(property, option));
            else
                Add(option, ReadList(space, property, option));
        }

        return _varied.Count > 0;
    }

    private void Add(ICliOption option, SweepParameter? parameter)
    {
        if (parameter is null)
            return;
        _varied.Add(option);
        _parameters.Add(parameter);
    }

    private static SweepParameter? ReadList(JsonPart space, JsonPart property, ICliOption option)
    {
        var values = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonPart item in space.Items(property.Key, 1, MostTrials))
        {
            if (ReadValue(item, option) is not { } text)
                continue;
            if (seen.Add(SpecSettings.TextOf(option.Read([text]))))
                values.Add(text);
            else
                item.Report($"{item.Words} is there already; leave it out");
        }

        return values.Count == 0 ? null : new SweepParameter(SweepPlan.NameOf(option)) { Values = values };
    }

    private static SweepParameter? ReadRange(JsonPart part, ICliOption option)
    {
        if (!part.IsObject(RangeKeys, """{ "from": 0.001, "to": 0.1, "scale": "log" }"""))
            return null;
        bool isWhole = option is CliOption<int> or CliOption<long> or CliOption<ulong>;
        if (!isWhole && option is not CliOption<double>)
        {
            part.Report($"{option.Name} is no number, so it has no range; give a list of values");
            return null;
        }

        double? from = ReadEnd(part, "from", option), to = ReadEnd(part, "to", option);
        bool isLogarithmic = part.Choice("scale", [Linear, Logarithmic]) == Logarithmic;
        if (from is null || to is null)
            return null;
        if (to <= from)
        {
            part.Report($"it goes from {part.Find("from")!.Value.Words} to {part.Find("to")!.Value.Words}; "
                + "the end must be above the beginning");
        }
        else if (isWhole && to > LargestWhole)
        {
            part.Report($"its end is {part.Find("to")!.Value.Words}; "
                + $"a range of whole numbers ends at {Format.Count(LargestWhole)} or before");
        }
        else if (isLogarithmic && from <= 0)
            part.Report("a logarithmic scale begins above 0; give another beginning, or the scale 'linear'");
        else
            return new SweepParameter(SweepPlan.NameOf(option)) { Range = new SweepRange(from.Value, to.Value, isLogarithmic, isWhole) };
        return null;
    }

    private static double? ReadEnd(JsonPart range, string key, ICliOption option)
    {
        if (range.Find(key) is not { } end)
            range.Report($"'{key}' is missing; expected {option.Legal}");
        else if (ReadValue(end, option) is { } text)
            return double.Parse(text, CultureInfo.InvariantCulture);
        return null;
    }

    /// <summary>A legal value of an option as its text.</summary>
    private static string? ReadValue(JsonPart part, ICliOption option)
    {
        if (part.Scalar is not { } text)
        {
            part.Report($"it is {part.Words}; expected {option.Legal}");
            return null;
        }

        try
        {
            _ = option.Read([text]);
            return text;
        }
        catch (FormatException e)
        {
            part.Report(option.Mistake(part.Words, e.Message).TrimEnd('.'));
            return null;
        }
    }

    private static ICliOption? FindOption(JsonPart property, IReadOnlyList<ICliOption> options)
    {
        if (options.FirstOrDefault(option => option.HasKey(property.Key)) is { } found)
            return found;
        if (SweepPlan.OfAll.Any(option => option.HasKey(property.Key)))
        {
            property.Report("all trials have the same of it; put it among the shared 'options'");
            return null;
        }

        string key = ForeignText.Beginning(property.Key);
        string? near = options.FirstOrDefault(option => option.IsCalledElsewhere("--" + key)) is { } meant
            ? SweepPlan.NameOf(meant)
            : Spelling.Nearest(key, options.Select(SweepPlan.NameOf));
        property.Report("it is no option that a sweep can have; "
            + (near is null ? "see 'lockstep help train' for those under Model, Data and Training" : $"did you mean {near}?"));
        return null;
    }

    private static IReadOnlyList<SweepPoint>? Refuse(JsonPart part, string problem)
    {
        part.Report(problem);
        return null;
    }
}
