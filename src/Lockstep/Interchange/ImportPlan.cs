using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Restoring;

namespace Lockstep.Interchange;

/// <summary>
/// How the tensors of a file become the parameters of a model. Every tensor and every parameter must have its counterpart.
/// </summary>
public sealed class ImportPlan
{
    private readonly WeightsFile _file;
    private readonly InterchangeOptions _options;
    private readonly Dictionary<string, IReadOnlyList<int>> _shapes;
    private readonly RestorePlan _plan;

    private ImportPlan(WeightsFile file, ModelSpec model, InterchangeOptions options)
    {
        _shapes = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        Dictionary<string, string> map = TorchNames.ToModel(_shapes, model);
        options = options with
        {
            TorchNames = options.TorchNames ?? (map.Count == _shapes.Count && model.Layers.All(
                layer => layer.Parameters.All(parameter => IsBias(layer, parameter) || map.ContainsValue(parameter.Spec.Name)))),
        };
        (_file, Model, _options) = (file, model, options);
        if (options.TorchNames == false)
            map.Clear();
        var layout = new ParameterLayout(model);
        foreach ((string theirs, string ours) in options.Map)
            map[theirs] = ours;
        NamedTensor[] tensors = [.. file.Tensors.Select(tensor =>
        {
            string name = map.GetValueOrDefault(tensor.Name, tensor.Name);
            Parameter? parameter = layout.Parameters.FirstOrDefault(parameter => parameter.Name == name);
            return AsOf(parameter, tensor, isTable: file.Format == WeightFormat.Csv);
        })];

        if (options.IsTransposed)
            tensors = [.. tensors.Select(AxisOrder.OutputsLast)];
        NamedTensor[] zeros = [.. AbsentBiases(model, [.. _shapes.Keys.Select(name => map.GetValueOrDefault(name, name))])];
        _plan = RestorePlan.Make(layout, [.. tensors, .. zeros], new RestoreRules { Map = map });
        Rows = [.. _plan.Rows.Select(
            row => zeros.Any(zero => zero.Name == row.Source) ? row with { Source = null, SourceShape = null } : row)];
    }

    /// <summary>The network.</summary>
    public ModelSpec Model { get; }

    /// <summary>
    /// Every parameter of the model, and where its values come from: from nowhere, if it is the bias of a layer without one, which is 0.
    /// </summary>
    public IReadOnlyList<RestoreRow> Rows { get; }

    /// <summary>The values, by the names of the model.</summary>
    public IReadOnlyList<NamedTensor> Tensors => _plan.Tensors;

    /// <summary>Digest of <see cref="Tensors"/>.</summary>
    public string? Sha256 => _plan.Sha256;

    /// <summary>Matches a file with a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="model">The network.</param>
    /// <param name="options">Names and layout in the file; null takes the defaults.</param>
    /// <exception cref="RequestException">Something does not fit; the message lists every mistake.</exception>
    public static ImportPlan Make(WeightsFile file, ModelSpec model, InterchangeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(model);
        var plan = new ImportPlan(file, model, options ?? new InterchangeOptions());
        string[] problems = [.. plan._plan.MapProblems, .. plan._plan.Refused.Select(plan.Problem), .. plan.Advice()];
        if (problems.Length > 0)
        {
            throw new RequestException($"{file.Path} does not fit {model}:{Environment.NewLine}"
                + string.Join(Environment.NewLine, problems.Select(problem => $"  {ForeignText.Printable(problem)}")));
        }

        return plan;
    }

    /// <summary>The shape that a tensor has in the file.</summary>
    public IReadOnlyList<int> ShapeInFile(string name) => _shapes[name];

    // The second parameter of each layer is added to the product with the first.
    private static bool IsBias(LayerSpec layer, LayerParameter parameter) => layer.Parameters.ElementAtOrDefault(1) == parameter;

    // A layer without bias computes what one with zeros does, bit for bit. What is left over in the file may be its bias by another name.
    private IEnumerable<NamedTensor> AbsentBiases(ModelSpec model, HashSet<string> names) =>
        model.Layers.Where(layer => layer.Parameters.Count > 1 && names.IsSubsetOf(model.Parameters.Select(parameter => parameter.Name)))
            .Where(layer => names.Contains(layer.Parameters[0].Spec.Name))
            .Select(layer => layer.Parameters[1])
            .Where(bias => !names.Contains(bias.Spec.Name) && !_shapes.ContainsKey(bias.Spec.Name))
            .Select(bias => new NamedTensor(bias.Spec.Name, bias.Shape.Dimensions, new float[bias.Shape.Count]));

    // A vector may be a matrix of one row or column; a line of CSV may be a matrix of one row, too.
    private static NamedTensor AsOf(Parameter? parameter, NamedTensor tensor, bool isTable) => (parameter?.Shape, tensor.Shape) switch
    {
        ({ Count: 1 } shape, [1, var count]) when count == shape[0] => tensor with { Shape = [count] },
        ({ Count: 1 } shape, [var count, 1]) when count == shape[0] => tensor with { Shape = [count] },
        ({ Count: 2 }, [var columns]) when isTable => tensor with { Shape = [1, columns] },
        _ => tensor,
    };

    private string Problem(RestoreRow row)
    {
        switch (row.Outcome)
        {
            case RestoreOutcome.WrongShape:
                string name = row.Source == row.Parameter ? "" : $" as {Quote(row.Source!)}";
                bool isTransposed = row.Shape is [_, _, ..] && row.SourceShape is [_, _, ..] && IsOtherOrder(row.SourceShape, row.Shape);
                string hint = isTransposed ? $" Its transpose fits: give --layout {(_options.IsTransposed ? "tf" : "torch")}." : "";
                return $"{row.Parameter} is {ForeignText.Shape(row.Shape!)} in the model, "
                    + $"{ForeignText.Shape(_shapes[row.Source!])} in the file{name}.{hint}";
            case RestoreOutcome.Missing:
                return $"{row.Parameter} {ForeignText.Shape(row.Shape!)} is not in the file.";
            default:
                string? layer = TorchNames.UnsupportedLayer(row.Source!, row.SourceShape!.Count)
                    ?? (IsOfNormalization(row.Source!) ? "batch normalisation" : null);
                return $"{Quote(row.Source!)} {ForeignText.Shape(_shapes[row.Source!])} of the file has no place in the model."
                    + (layer is null ? "" : $" It is of {layer}, which {Model} does not have.");
        }
    }

    // Whether one shape is the other with its first axis last, or its last first.
    private static bool IsOtherOrder(IReadOnlyList<int> theirs, IReadOnlyList<int> ours) =>
        theirs.Count > 1 && (theirs.Skip(1).Append(theirs[0]).SequenceEqual(ours) || ours.Skip(1).Append(ours[0]).SequenceEqual(theirs));

    private bool IsOfNormalization(string name)
    {
        string module = name[..(name.LastIndexOf('.') + 1)];
        return module.Length > 0 && _shapes.ContainsKey(module + "running_mean");
    }

    private IEnumerable<string> Advice()
    {
        if (NameMap.Suggest(_plan, _options.Map, Fits) is { } map && _plan.Refused.All(
            row => row.Outcome == RestoreOutcome.WrongShape || map.Names.ContainsKey(row.Source ?? "")
            || map.Names.Values.Contains(row.Parameter)))
        {
            bool fits = map.Names.All(pair => _shapes[pair.Key] is { Count: < 2 } || Rows.First(row => row.Parameter == pair.Value).Shape!
                is var ours && (_options.IsTransposed ? IsOtherOrder(_shapes[pair.Key], ours) : _shapes[pair.Key].SequenceEqual(ours)));
            string layout = fits ? "" : $" --layout {(_options.IsTransposed ? "tf" : "torch")}";
            yield return $"Are these the names? Then give --map {ShellWord.Quoted(map.ToString())}{layout}";
        }
        else if (_plan.Refused.Any(row => row.Outcome == RestoreOutcome.Unused))
            yield return $"The model has {string.Join(", ", Model.Parameters.Select(parameter => parameter.Name))}; "
                + $"say what others are with --map 'THEIRS=OURS', or leave them out of {Path.GetFileName(_file.Path)}.";
    }

    private static bool Fits(IReadOnlyList<int> theirs, IReadOnlyList<int> ours) => theirs.SequenceEqual(ours) || IsOtherOrder(theirs, ours)
        || ours.Count == 1 && theirs.Count == 2 && theirs.Contains(1) && theirs.Contains(ours[0]);

    private static string Quote(string name) => ForeignText.Quote(name);
}
