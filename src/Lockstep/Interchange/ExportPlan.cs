using System.Globalization;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Wording;

namespace Lockstep.Interchange;

/// <summary>What an export writes: file, format, and the tensors with the names and the layout of the file.</summary>
/// <param name="Path">A new file, or for CSV a new folder.</param>
/// <param name="Format">Its format.</param>
/// <param name="Tensors">In the order of the layers: name here, and the tensor as the file has it.</param>
/// <param name="Script">Lines of Python that load it; null where PyTorch cannot.</param>
public sealed record ExportPlan(
    string Path, WeightFormat Format, IReadOnlyList<(string Parameter, NamedTensor Tensor)> Tensors, string? Script)
{
    private TrainedModel? _model;
    private bool _isTransposed;

    /// <summary>Makes the plan.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="format">Format to write; null takes the one that the file's extension says.</param>
    /// <param name="path">File to write, or folder for CSV; null names it like the checkpoint, in the current folder.</param>
    /// <param name="options">Names and layout in the file; null takes the defaults.</param>
    /// <exception cref="RequestException">The options contradict each other or the model; all mistakes are reported.</exception>
    public static ExportPlan Make(TrainedModel model, WeightFormat? format, string? path, InterchangeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new InterchangeOptions();
        var problems = new Problems();
        format = ChooseFormat(format, path, problems);
        if (format == WeightFormat.Onnx)
            RefuseForOnnx(options, problems);
        Dictionary<string, string> names = NamesInFile(options, model.Model, problems);
        problems.ThrowIfAny();

        path ??= DefaultPath(model, format!);
        Dictionary<string, NamedTensor> byName = model.Checkpoint.Parameters.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        List<(string, NamedTensor)> tensors = [];
        foreach (string name in model.ParameterNames)
        {
            NamedTensor tensor = byName[name] with { Name = names[name] };
            tensors.Add((name, options.IsTransposed ? AxisOrder.OutputsFirst(tensor) : tensor));
        }

        bool loadsInTorch = options.TorchNames == true && options.IsTransposed && options.Map.Count == 0;
        string? script = loadsInTorch ? PythonScript.Build(model.Run, format!, path) : null;
        return new ExportPlan(path, format!, tensors, script)
        {
            _model = model,
            _isTransposed = options.IsTransposed,
        };
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="InterchangeException">It exists or cannot be written.</exception>
    public void Write()
    {
        Checkpoint checkpoint = _model!.Checkpoint;
        NamedTensor[] tensors = [.. Tensors.Select(pair => pair.Tensor)];
        Dictionary<string, string> about = About(checkpoint);
        if (Format == WeightFormat.Csv)
        {
            CsvTensors.Write(Path, tensors);
            return;
        }

        Preparation? preparation = checkpoint.Spec.Data.Preparation;
        if (Format == WeightFormat.Safetensors)
        {
            // Some loaders require this key.
            about["format"] = _isTransposed ? "pt" : "tf";
            if (preparation is not null)
            {
                foreach ((string key, string value) in PreparationMetadata.OfOutputs(preparation))
                    about[key] = value;
            }
        }

        InterchangeFile.Create(Path, stream =>
        {
            if (Format == WeightFormat.Safetensors)
                SafetensorsFile.Write(stream, tensors, about);
            else if (Format == WeightFormat.Npz)
                NpzFile.Write(stream, tensors);
            else
                OnnxModel.Write(stream, checkpoint.Spec.Model, tensors, about, checkpoint.Spec.Loss, preparation);
        });
    }

    private static Dictionary<string, string> About(Checkpoint checkpoint) => new()
    {
        ["producer"] = $"Lockstep {RunEnvironment.Version}",
        ["model"] = checkpoint.Spec.Model.ToString(),
        ["dataset"] = checkpoint.Spec.Data.Name,
        ["step"] = checkpoint.Step.ToString(CultureInfo.InvariantCulture),
        ["weightsSha256"] = checkpoint.WeightsSha256,
    };

    private static WeightFormat? ChooseFormat(WeightFormat? chosen, string? file, Problems problems)
    {
        WeightFormat? implied = file is null ? null : WeightFormat.OfExtension(file);
        if (chosen is null && implied is null)
        {
            string instead = WeightFormat.InsteadOf(System.IO.Path.GetExtension(file ?? "").TrimStart('.')) ?? "";
            problems.Add($"--to is missing{(file is null ? "" : $", and the name {file} tells no format")}"
                + $"{(instead.Length > 0 ? $". {instead}" : "")}; "
                + $"expected one of {string.Join(", ", WeightFormat.All.Select(format => format.Name))}.");
        }

        if (chosen is not null && implied is not null && implied != chosen)
            problems.Add($"--to {chosen.Name} contradicts --out {file}, which is a name of {implied.Name}; change one of them.");
        return chosen ?? implied;
    }

    private static void RefuseForOnnx(InterchangeOptions options, Problems problems)
    {
        const string meaningless = "has no meaning for ONNX, where the weights are inside of the model; leave it out.";
        if (options.Layout is { } layout)
            problems.Add($"--layout {(layout == MatrixLayout.OutIn ? "torch" : "tf")} {meaningless}");
        if (options.TorchNames == true)
            problems.Add($"--names torch {meaningless}");
        if (options.Map.Count > 0)
            problems.Add($"--map {new NameMap(options.Map)} {meaningless}");
    }

    private static Dictionary<string, string> NamesInFile(InterchangeOptions options, ModelSpec model, Problems problems)
    {
        Dictionary<string, string> names = options.TorchNames == true
            ? TorchNames.OfModel(model)
            : model.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Name, StringComparer.Ordinal);
        foreach (IGrouping<string, string> pair in options.Map.GroupBy(pair => pair.Value, pair => pair.Key))
        {
            string ours = pair.Key;
            if (!names.ContainsKey(ours))
            {
                string near = Spelling.Nearest(ours, names.Keys) is { } name ? $" did you mean '{name}'?" : "";
                problems.Add($"--map names '{ours}', which the model does not have;{near} It has {string.Join(", ", names.Keys)}.");
            }
            else if (pair.Count() > 1)
            {
                problems.Add($"--map gives '{ours}' {pair.Count()} names, {string.Join(" and ", pair)}; give it one.");
            }
            else
            {
                names[ours] = pair.Single();
            }
        }

        foreach (IGrouping<string, string> same in names.GroupBy(pair => pair.Value, pair => pair.Key).Where(group => group.Count() > 1))
            problems.Add($"{string.Join(" and ", same)} would both be '{same.Key}' in the file; give them different names with --map.");
        return names;
    }

    // In the user's working directory, not in the run folder.
    private static string DefaultPath(TrainedModel model, WeightFormat format)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(model.Path) ?? $"step-{model.Step}";
        return format == WeightFormat.Csv ? $"{name}-csv" : name + format.Extension;
    }
}
