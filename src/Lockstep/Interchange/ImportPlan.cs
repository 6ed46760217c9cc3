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
    private readonly string _path;
    private readonly InterchangeOptions _options;
    private readonly Dictionary<string, IReadOnlyList<int>> _shapes;
    private readonly RestorePlan _plan;

    private ImportPlan(string path, ModelSpec model, InterchangeOptions options)
    {
        (WeightFormat format, IReadOnlyList<NamedTensor> tensors) = WeightFormat.Read(path);
        _shapes = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        Dictionary<string, string> map = TorchNames.ToModel(_shapes, model);
        options = options with { TorchNames = options.TorchNames ?? (map.Count == _shapes.Count && map.Count == model.Parameters.Count()) };
        (_path, Model, _options) = (path, model, options);
        if (options.TorchNames == false)
            map.Clear();
        var layout = new ParameterLayout(model);
        foreach ((string theirs, string ours) in options.Map)
            map[theirs] = ours;
        tensors = [.. tensors.Select(tensor =>
        {
            string name = map.GetValueOrDefault(tensor.Name, tensor.Name);
            Parameter? parameter = layout.Parameters.FirstOrDefault(parameter => parameter.Name == name);
            return AsOf(parameter, tensor, isTable: format == WeightFormat.Csv);
        })];

        if (options.IsTransposed)
            tensors = [.. tensors.Select(AxisOrder.OutputsLast)];
        _plan = RestorePlan.Make(layout, tensors, new RestoreRules { Map = map });
    }

    /// <summary>The network.</summary>
    public ModelSpec Model { get; }

    /// <summary>Every parameter of the model, and where its values come from.</summary>
    public IReadOnlyList<RestoreRow> Rows => _plan.Rows;

    /// <summary>The values, by the names of the model.</summary>
    public IReadOnlyList<NamedTensor> Tensors => _plan.Tensors;

    /// <summary>Digest of <see cref="Tensors"/>.</summary>
    public string? Sha256 => _plan.Sha256;

    /// <summary>Reads a file and matches it with a model.</summary>
    /// <param name="path">A safetensors or npz file, or a folder of CSV files.</param>
    /// <param name="model">The network.</param>
    /// <param name="options">Names and layout in the file; null takes the defaults.</param>
    /// <exception cref="InterchangeException">The file cannot be read.</exception>
    /// <exception cref="RequestException">The format is unknown, or something does not fit; the message lists every mistake.</exception>
    public static ImportPlan Make(string path, ModelSpec model, InterchangeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(model);
        var plan = new ImportPlan(path, model, options ?? new InterchangeOptions());
        string[] problems = [.. plan._plan.MapProblems, .. plan._plan.Refused.Select(plan.Problem), .. plan.Advice()];
        if (problems.Length > 0)
        {
            throw new RequestException($"{path} does not fit {model}:{Environment.NewLine}"
                + string.Join(Environment.NewLine, problems.Select(problem => $"  {ForeignText.Printable(problem)}")));
        }

        return plan;
    }

    /// <summary>
    /// The network whose weights are in a file, such as <c>784-256-10</c>, if it has dense layers and normalisation only; null where it has
    /// others, or the shapes do not tell.
    /// </summary>
    /// <param name="path">A safetensors or npz file, or a folder of CSV files.</param>
    /// <exception cref="InterchangeException">The file cannot be read.</exception>
    /// <exception cref="RequestException">The format is unknown.</exception>
    public static string? NetworkOf(string path)
    {
        IReadOnlyList<int>[][] layers = [.. WeightFormat.Read(path).Tensors
            .GroupBy(tensor => tensor.Name[..(tensor.Name.LastIndexOfAny(['.', '/']) + 1)])
            .OrderBy(layer => string.Concat(layer.Key.Where(letter => char.IsAsciiDigit(letter) || letter == '.')), NaturalOrder.Instance)
            // What has the number of a layer normalises it.
            .ThenByDescending(layer => layer.Max(tensor => tensor.Shape.Count))
            .ThenBy(layer => layer.Key, NaturalOrder.Instance)
            .Select(layer => (IReadOnlyList<int>[])[.. layer.Select(tensor => tensor.Shape).OrderByDescending(shape => shape.Count)])];
        string?[] fitting = [.. new[] { Describe(layers, input: 0), Describe(layers, input: 1) }.OfType<string>().Distinct()];
        return fitting is [var network] ? network : null;

        static string? Describe(IReadOnlyList<int>[][] layers, int input)
        {
            string text = "";
            int width = 0;
            foreach (IReadOnlyList<int>[] layer in layers)
            {
                switch (layer)
                {
                    // Takes what the layer before gives, and has a bias for each of its own; vectors may be rows or columns.
                    case [[var rows, var columns], var biases]
                        when (width == 0 || width == (input == 0 ? rows : columns)) && Length(biases) == (input == 0 ? columns : rows):
                        text += width == 0 ? input == 0 ? rows : columns : "";
                        width = Length(biases);
                        text += $"-{width}";
                        break;
                    case [[_], [_]] or [[_], [_], [_], [_]] when width > 0 && layer.All(shape => shape[0] == width):
                        text += layer.Length == 2 ? "-ln" : "-bn";
                        break;
                    default:
                        return null;
                }
            }

            return text.Length > 0 ? text : null;
        }

        static int Length(IReadOnlyList<int> shape) => shape.Aggregate(1, (product, dimension) => product * dimension);
    }

    /// <summary>The shape that a tensor has in the file.</summary>
    public IReadOnlyList<int> ShapeInFile(string name) => _shapes[name];

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
                + $"say what others are with --map 'THEIRS=OURS', or leave them out of {Path.GetFileName(_path)}.";
    }

    private static bool Fits(IReadOnlyList<int> theirs, IReadOnlyList<int> ours) => theirs.SequenceEqual(ours) || IsOtherOrder(theirs, ours)
        || ours.Count == 1 && theirs.Count == 2 && theirs.Contains(1) && theirs.Contains(ours[0]);

    private static string Quote(string name) => ForeignText.Quote(name);
}
