using System.Text.Json;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Files;
using Lockstep.Shared.Restoring;

namespace Lockstep.Runs;

/// <summary>What training a run again needs to know of it that neither its spec nor its checkpoints say: from <c>config.json</c>.</summary>
/// <param name="EvaluateEvery">When it was evaluated.</param>
/// <param name="DataDirectory">Where its data set was found; null for the usual places.</param>
/// <param name="InitFrom">The checkpoint or run folder that it began with the parameters of; null for none.</param>
/// <param name="Rules">Which parameters those were.</param>
public sealed record RunConfiguration(Cadence EvaluateEvery, string? DataDirectory, string? InitFrom, RestoreRules Rules)
{
    /// <summary>Reads the configuration of a run folder; where there is none, that of a run with default options.</summary>
    /// <param name="folder">The run folder.</param>
    /// <exception cref="RequestException">The file cannot be read.</exception>
    public static RunConfiguration Read(string folder)
    {
        string path = RunFolder.ConfigFileOf(folder);
        var properties = new Dictionary<string, JsonElement>();
        try
        {
            if (File.Exists(path))
            {
                using JsonDocument document = JsonDocument.Parse(BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes));
                foreach (JsonProperty property in document.RootElement.EnumerateObject())
                    properties[property.Name] = property.Value.Clone();
            }

            return new RunConfiguration(
                Text("evalEvery") is { } every ? Cadence.Parse(every) : new Cadence(1, InEpochs: true), Text("dataDir"), Text("initFrom"), new RestoreRules
                {
                    Include = Text("include") is { } include ? NameGlobs.Parse(include) : NameGlobs.All,
                    Exclude = Text("exclude") is { } exclude ? NameGlobs.Parse(exclude) : NameGlobs.None,
                    Map = (Text("map") is { } map ? NameMap.Parse(map) : NameMap.Empty).Names,
                    AllowMissing = Flag("allowMissing"),
                    AllowUnused = Flag("allowUnused"),
                    AllowShapeMismatch = Flag("allowShapeMismatch"),
                });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{path} cannot be read: {e.Message}", e);
        }

        string? Text(string name) => properties.TryGetValue(name, out JsonElement value) ? value.ToString() : null;

        bool Flag(string name) => properties.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
    }

    /// <summary>Properties of <c>config.json</c> that say where restored parameters come from.</summary>
    /// <param name="path">Checkpoint or run folder.</param>
    /// <param name="rules">Which parameters.</param>
    internal static IEnumerable<(string Key, object Value)> OfRestore(string path, RestoreRules rules)
    {
        // The run may be trained again from another working directory.
        yield return ("initFrom", Path.GetFullPath(path));
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
