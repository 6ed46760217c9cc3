using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
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
        (_path, Model, _options) = (path, model, options);
        (WeightFormat format, IReadOnlyList<NamedTensor> tensors) = WeightFormat.Read(path);
        _shapes = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        var layout = new ParameterLayout(model);
        Dictionary<string, string> map = options.TorchNames ? TorchNames.ToModel(_shapes.Keys, model) : new(StringComparer.Ordinal);
        foreach ((string theirs, string ours) in options.Map)
            map[theirs] = ours;
        if (format == WeightFormat.Csv)
        {
            tensors = [.. tensors.Select(tensor =>
            {
                string name = map.GetValueOrDefault(tensor.Name, tensor.Name);
                return AsTable(tensor, layout.Parameters.FirstOrDefault(parameter => parameter.Name == name));
            })];
        }

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
        string[] problems = [.. plan._plan.MapProblems, .. plan._plan.Refused.Select(plan.Problem), .. plan.Hints()];
        if (problems.Length > 0)
        {
            throw new RequestException($"{path} does not fit {model}:{Environment.NewLine}"
                + string.Join(Environment.NewLine, problems.Select(problem => $"  {ForeignText.Printable(problem)}")));
        }

        return plan;
    }

    /// <summary>The shape that a tensor has in the file.</summary>
    public IReadOnlyList<int> ShapeInFile(string name) => _shapes[name];

    // A line of CSV may be a vector or a matrix of one row, a column a vector or a matrix of one column.
    private static NamedTensor AsTable(NamedTensor tensor, Parameter? parameter) => (parameter?.Shape.Count, tensor.Shape) switch
    {
        (2, [var columns]) => tensor with { Shape = [1, columns] },
        (1, [var rows, 1]) => tensor with { Shape = [rows] },
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
                return $"{row.Parameter} {ForeignText.Shape(row.Shape!)} is not in the file.{Likely(row)}";
            default:
                return $"{Quote(row.Source!)} {ForeignText.Shape(_shapes[row.Source!])} of the file has no place in the model.";
        }
    }

    /// <summary>The only unused tensor that fits, or of several the one with the nearest name.</summary>
    private string Likely(RestoreRow missing)
    {
        RestoreRow[] left = [.. Rows.Where(row => row.Outcome == RestoreOutcome.Unused)];
        RestoreRow[] fitting = [.. left.Where(row =>
            row.SourceShape!.SequenceEqual(missing.Shape!) || IsOtherOrder(row.SourceShape!, missing.Shape!))];
        string? name = fitting.Length == 1
            ? fitting[0].Source
            : Spelling.Nearest(missing.Parameter!, (fitting.Length > 0 ? fitting : left).Select(row => row.Source!));
        return name is null ? "" : $" Did you mean its {Quote(name)}? Then give --map '{name}={missing.Parameter}'.";
    }

    // Whether one shape is the other with its first axis last, or its last first.
    private static bool IsOtherOrder(IReadOnlyList<int> theirs, IReadOnlyList<int> ours) =>
        theirs.Skip(1).Append(theirs[0]).SequenceEqual(ours) || ours.Skip(1).Append(ours[0]).SequenceEqual(theirs);

    private IEnumerable<string> Hints()
    {
        if (!_options.TorchNames && _plan.Refused.Any() && _shapes.Count > 0 && _shapes.Keys.All(TorchNames.Match))
            yield return $"The names are those of torch.nn.Sequential: give --names torch.";
        if (_plan.Refused.Any(row => row.Outcome == RestoreOutcome.Unused))
            yield return $"The model has {string.Join(", ", Model.Parameters.Select(parameter => parameter.Name))}; "
                + $"say what others are with --map 'THEIRS=OURS', or leave them out of {Path.GetFileName(_path)}.";
    }

    private static string Quote(string name) => ForeignText.Quote(name);
}
