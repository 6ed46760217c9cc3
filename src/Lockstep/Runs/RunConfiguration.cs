using Lockstep.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Files;
using Lockstep.Shared.Restoring;
using Lockstep.Wording;

namespace Lockstep.Runs;

/// <summary>What it takes to train a run again, besides its spec and its checkpoints: from <c>config.json</c>.</summary>
/// <param name="EvaluateEvery">When it was evaluated.</param>
/// <param name="DatasetPath">File or folder of the user's own data; null where the data set has a name.</param>
/// <param name="DataDirectory">Where its data set was found; null for the usual places.</param>
/// <param name="InitFrom">The checkpoint or run folder whose parameters it began with; null for none.</param>
/// <param name="Rules">Which parameters those were.</param>
public sealed record RunConfiguration(
    Cadence EvaluateEvery, string? DatasetPath, string? DataDirectory, string? InitFrom, RestoreRules Rules)
{
    /// <summary>File or folder of the user's own examples for validation; null for none.</summary>
    public string? ValidationPath { get; init; }

    /// <summary>File or folder of the user's own examples for the test; null for none.</summary>
    public string? TestPath { get; init; }

    /// <summary>Property of <c>config.json</c> that has the name of the data set, or the full path of the user's own data.</summary>
    internal const string DatasetKey = "dataset";

    /// <summary>Reads the configuration of a run folder; without one, that of a run with default options.</summary>
    /// <param name="folder">The run folder.</param>
    /// <exception cref="RequestException">The file cannot be read; the message has every mistake in it.</exception>
    public static RunConfiguration Read(string folder)
    {
        string path = RunFolder.ConfigFileOf(folder);
        if (!File.Exists(path))
            return Default;
        byte[] json;
        try
        {
            json = BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{path} cannot be read: {e.Message}", e);
        }

        var problems = new Problems();
        RunConfiguration configuration = Default;
        using (var file = JsonInput.Parse(json, path, problems.Add))
        {
            if (file is not null && file.Root.IsObject())
                configuration = Read(file.Root);
        }

        problems.ThrowIfAny();
        return configuration;
    }

    private static RunConfiguration Default { get; } =
        new(new Cadence(1, InEpochs: true), DatasetPath: null, DataDirectory: null, InitFrom: null, new RestoreRules());

    private static RunConfiguration Read(JsonPart root)
    {
        return new RunConfiguration(
            Parsed("evalEvery", Cadence.Parse, Default.EvaluateEvery),
            Rooted(DatasetKey),
            root.Text("dataDir"),
            root.Text("initFrom"),
            new RestoreRules
            {
                Include = Parsed("include", NameGlobs.Parse, NameGlobs.All),
                Exclude = Parsed("exclude", NameGlobs.Parse, NameGlobs.None),
                Map = Parsed("map", NameMap.Parse, NameMap.Empty).Names,
                AllowMissing = root.Boolean("allowMissing") ?? false,
                AllowUnused = root.Boolean("allowUnused") ?? false,
                AllowShapeMismatch = root.Boolean("allowShapeMismatch") ?? false,
            })
        {
            ValidationPath = Rooted("validation"),
            TestPath = Rooted("test"),
        };

        string? Rooted(string key) => root.Text(key) is { } path && Path.IsPathRooted(path) ? path : null;

        T Parsed<T>(string key, Func<string, T> parse, T otherwise)
        {
            // A number may stand for itself: 500 is every 500 steps.
            if (root.Find(key) is not { } part || (part.Scalar ?? root.Text(key)) is not { } text)
                return otherwise;
            try
            {
                return parse(text);
            }
            catch (FormatException e)
            {
                part.Report(e.Message.TrimEnd('.'));
                return otherwise;
            }
        }
    }

    /// <summary>
    /// A value as <c>config.json</c> has it: paths in full, because the run may be resumed, or trained again, from another working
    /// directory.
    /// </summary>
    internal static object Absolute(string key, object value) =>
        value is string text && (key is "initFrom" or "dataDir" || key is "validation" or "test" && HeldOut.Parse(text).Path is not null)
            ? Path.GetFullPath(text)
            : value;

    /// <summary>Properties of <c>config.json</c> that say where restored parameters come from.</summary>
    /// <param name="path">Checkpoint or run folder.</param>
    /// <param name="rules">Which parameters.</param>
    internal static IEnumerable<(string Key, object Value)> OfRestore(string path, RestoreRules rules)
    {
        yield return ("initFrom", path);
        yield return ("include", string.Join(',', rules.Include.Patterns));
        if (rules.Exclude.Patterns.Count > 0)
            yield return ("exclude", string.Join(',', rules.Exclude.Patterns));
        if (rules.Map.Count > 0)
            yield return ("map", new NameMap(rules.Map).ToString());
        yield return ("allowMissing", rules.AllowMissing);
        yield return ("allowUnused", rules.AllowUnused);
        yield return ("allowShapeMismatch", rules.AllowShapeMismatch);
    }
}
