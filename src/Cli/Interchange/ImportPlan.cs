using Lockstep.Cli.Configuration;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Restoring;

namespace Lockstep.Cli.Interchange;

/// <summary>How the tensors of a file become the parameters of a model. Everything must fit: nothing is left out, and nothing made up.</summary>
internal sealed class ImportPlan
{
    private readonly string _path;
    private readonly ModelSpec _model;
    private readonly bool _torchLayout;
    private readonly bool _torchNames;
    private readonly Dictionary<string, IReadOnlyList<int>> _shapes;
    private readonly RestorePlan _plan;

    private ImportPlan(string path, ModelSpec model, Settings settings)
    {
        (_path, _model, _torchLayout, _torchNames) = (path, model, WeightLayout.IsTorch(settings), TorchNames.AreWanted(settings));
        (WeightFormat format, IReadOnlyList<NamedTensor> tensors) = WeightFormat.Read(path);
        _shapes = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        var layout = new ParameterLayout(model);
        Dictionary<string, string> map = _torchNames ? TorchNames.ToModel(_shapes.Keys, model) : new(StringComparer.Ordinal);
        foreach ((string theirs, string ours) in (settings.Find(OptionTable.Map) ?? NameMap.Empty).Names)
            map[theirs] = ours;
        if (format == WeightFormat.Csv)
            tensors = [.. tensors.Select(tensor => AsTable(tensor, layout.Parameters.FirstOrDefault(parameter => parameter.Name == map.GetValueOrDefault(tensor.Name, tensor.Name))))];
        if (_torchLayout)
            tensors = [.. tensors.Select(WeightLayout.Transpose)];
        _plan = RestorePlan.Make(layout, tensors, new RestoreRules { Map = map });
    }

    /// <summary>Every parameter of the model, and where its values come from.</summary>
    public IReadOnlyList<RestoreRow> Rows => _plan.Rows;

    /// <summary>The values, by the names of the model.</summary>
    public IReadOnlyList<NamedTensor> Tensors => _plan.Tensors;

    /// <summary>Digest of <see cref="Tensors"/>.</summary>
    public string? Sha256 => _plan.Sha256;

    /// <summary>Reads a file and matches it with a model.</summary>
    /// <exception cref="InterchangeException">The file cannot be read.</exception>
    /// <exception cref="UserErrorException">The file is of no known format, or something does not fit; the message lists all of it.</exception>
    public static ImportPlan Make(string path, ModelSpec model, Settings settings)
    {
        var plan = new ImportPlan(path, model, settings);
        string[] problems = [.. plan._plan.MapProblems, .. plan._plan.Refused.Select(plan.Problem), .. plan.Hints()];
        if (problems.Length > 0)
        {
            throw new UserErrorException($"{path} does not fit {model}:{Environment.NewLine}"
                + string.Join(Environment.NewLine, problems.Select(problem => $"  {ForeignText.Printable(problem)}")));
        }

        return plan;
    }

    /// <summary>The shape that a tensor has in the file.</summary>
    public IReadOnlyList<int> ShapeInFile(string name) => _shapes[name];

    // One line of CSV is a vector and a matrix of one row; a column is a vector and a matrix of one column.
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
                bool isTransposed = row.Shape is [var rows, var columns] && row.SourceShape is [var theirRows, var theirColumns] && (rows, columns) == (theirColumns, theirRows);
                string hint = isTransposed ? $" Its transpose fits: give {OptionTable.Layout.Name} {(_torchLayout ? WeightLayout.Tf : WeightLayout.Torch)}." : "";
                return $"{row.Parameter} is {ForeignText.Shape(row.Shape!)} in the model, {ForeignText.Shape(_shapes[row.Source!])} in the file{name}.{hint}";
            case RestoreOutcome.Missing:
                return $"{row.Parameter} {ForeignText.Shape(row.Shape!)} is not in the file.{Likely(row)}";
            default:
                return $"{Quote(row.Source!)} {ForeignText.Shape(_shapes[row.Source!])} of the file has no place in the model.";
        }
    }

    /// <summary>The tensor that is left over and fits alone, or of several that fit the one with the nearest name.</summary>
    private string Likely(RestoreRow missing)
    {
        RestoreRow[] left = [.. Rows.Where(row => row.Outcome == RestoreOutcome.Unused)];
        RestoreRow[] fitting = [.. left.Where(row => row.SourceShape!.SequenceEqual(missing.Shape!) || row.SourceShape!.Reverse().SequenceEqual(missing.Shape!))];
        string? name = fitting.Length == 1 ? fitting[0].Source : Spelling.Nearest(missing.Parameter!, (fitting.Length > 0 ? fitting : left).Select(row => row.Source!));
        return name is null ? "" : $" Did you mean its {Quote(name)}? Then give {OptionTable.Map.Name} '{name}={missing.Parameter}'.";
    }

    private IEnumerable<string> Hints()
    {
        if (!_torchNames && _plan.Refused.Any() && _shapes.Count > 0 && _shapes.Keys.All(TorchNames.Match))
            yield return $"The names are those of torch.nn.Sequential: give {OptionTable.Names.Name} {TorchNames.Name}.";
        if (_plan.Refused.Any(row => row.Outcome == RestoreOutcome.Unused))
            yield return $"The model has {string.Join(", ", _model.Parameters.Select(parameter => parameter.Name))}; say what others are with {OptionTable.Map.Name} 'THEIRS=OURS', or leave them out of {Path.GetFileName(_path)}.";
    }

    private static string Quote(string name) => ForeignText.Quote(name);
}
