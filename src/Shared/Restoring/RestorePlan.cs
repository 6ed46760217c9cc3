using Lockstep.Model.Layers;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Restoring;

/// <summary>
/// What becomes of every parameter of a model and every tensor of a file when the model is restored by name. Nothing is matched by order,
/// shape or similarity: a tensor goes to the parameter of its name, or to the one it is mapped to.
/// </summary>
public sealed class RestorePlan
{
    private RestorePlan(IReadOnlyList<RestoreRow> rows, IReadOnlyList<string> mapProblems, IReadOnlyList<NamedTensor> tensors) =>
        (Rows, MapProblems, Tensors) = (rows, mapProblems, tensors);

    /// <summary>Parameters in layer order, then unused tensors.</summary>
    public IReadOnlyList<RestoreRow> Rows { get; }

    /// <summary>Problems of the map, one sentence each.</summary>
    public IReadOnlyList<string> MapProblems { get; }

    /// <summary>The initial values, under the model's names.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>Rows that the rules do not allow.</summary>
    public IEnumerable<RestoreRow> Refused => Rows.Where(row => !row.IsAllowed);

    /// <summary>Digest of <see cref="Tensors"/>, see <see cref="WeightsDigest"/>; null if nothing is restored.</summary>
    public string? Sha256
    {
        get
        {
            if (Tensors.Count == 0)
                return null;
            using var digest = new WeightsDigest();
            foreach (NamedTensor tensor in Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
                digest.Append(tensor.Name, tensor.Shape, tensor.Values);
            return digest.ToHexString();
        }
    }

    /// <summary>Matches a file's tensors with a model's parameters.</summary>
    /// <param name="layout">The model.</param>
    /// <param name="tensors">The tensors of the file, with distinct names.</param>
    /// <param name="rules">What to restore and what may differ.</param>
    public static RestorePlan Make(ParameterLayout layout, IReadOnlyList<NamedTensor> tensors, RestoreRules rules)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(rules);
        Parameter[] parameters = [.. layout.ByLayer];
        (Dictionary<string, NamedTensor> byTarget, List<string> mapProblems) = ApplyMap(parameters, tensors, rules.Map);
        var left = new HashSet<NamedTensor>(tensors, ReferenceEqualityComparer.Instance);

        var rows = new List<RestoreRow>();
        var restored = new List<NamedTensor>();
        foreach (Parameter parameter in parameters)
        {
            NamedTensor? tensor = byTarget.GetValueOrDefault(parameter.Name);
            if (tensor is not null)
                left.Remove(tensor);
            (RestoreOutcome outcome, bool allowed) = tensor switch
            {
                _ when !rules.Wants(parameter.Name) => (RestoreOutcome.Excluded, true),
                null => (RestoreOutcome.Missing, rules.AllowMissing),
                _ when tensor.Shape.SequenceEqual(parameter.Shape) => (RestoreOutcome.Restored, true),
                _ => (RestoreOutcome.WrongShape, rules.AllowShapeMismatch),
            };
            if (outcome == RestoreOutcome.Restored)
                restored.Add(tensor! with { Name = parameter.Name });
            rows.Add(new RestoreRow(outcome, parameter.Name, parameter.Shape, tensor?.Name, tensor?.Shape, allowed));
        }

        foreach (NamedTensor tensor in tensors.Where(left.Contains))
        {
            bool isWanted = rules.Wants(rules.Map.GetValueOrDefault(tensor.Name, tensor.Name));
            rows.Add(new RestoreRow(RestoreOutcome.Unused, null, null, tensor.Name, tensor.Shape, rules.AllowUnused || !isWanted));
        }

        return new RestorePlan(rows, mapProblems, restored);
    }

    /// <summary>The tensors under their names in the model.</summary>
    private static (Dictionary<string, NamedTensor> ByTarget, List<string> Problems) ApplyMap(
        Parameter[] parameters, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> map)
    {
        var problems = new List<string>();
        foreach ((string source, string target) in map)
        {
            if (!tensors.Any(tensor => tensor.Name == source))
                problems.Add(
                    $"The map names '{source}', which the file does not have; it has "
                        + $"{string.Join(", ", tensors.Select(tensor => tensor.Name))}.");
            if (!Array.Exists(parameters, parameter => parameter.Name == target))
                problems.Add(
                    $"The map names '{target}', which the model does not have; it has "
                        + $"{string.Join(", ", parameters.Select(parameter => parameter.Name))}.");
        }

        // Mapped names take precedence over equal names.
        var byTarget = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        foreach (NamedTensor tensor in tensors.Where(tensor => map.ContainsKey(tensor.Name)))
        {
            if (!byTarget.TryAdd(map[tensor.Name], tensor))
                problems.Add(
                    $"The map gives '{map[tensor.Name]}' both '{byTarget[map[tensor.Name]].Name}' and '{tensor.Name}' of the file; "
                        + "give it one.");
        }

        foreach (NamedTensor tensor in tensors.Where(tensor => !map.ContainsKey(tensor.Name)))
            byTarget.TryAdd(tensor.Name, tensor);
        return (byTarget, problems);
    }
}
