using Lockstep.Cli.Configuration;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Cli.Interchange;

/// <summary>What an export writes where: file, format, and the tensors by the names and in the layout that the file wants.</summary>
/// <param name="Path">A new file, or for CSV a new folder.</param>
/// <param name="Format">Its format.</param>
/// <param name="Tensors">In the order of the layers: name here, and the tensor as the file has it.</param>
/// <param name="Script">Lines of Python that load it; null where PyTorch cannot.</param>
internal sealed record ExportPlan(string Path, WeightFormat Format, IReadOnlyList<(string Parameter, NamedTensor Tensor)> Tensors, string? Script)
{
    /// <summary>Makes the plan out of the options.</summary>
    /// <exception cref="UserErrorException">The options contradict each other or the model; all mistakes are reported.</exception>
    public static ExportPlan Make(Settings settings, LoadedCheckpoint found)
    {
        var problems = new Problems();
        ModelSpec model = found.Checkpoint.Spec.Model;
        WeightFormat? format = ChooseFormat(settings, problems);
        if (format == WeightFormat.Onnx)
            RefuseForOnnx(settings, problems);
        Dictionary<string, string> names = NamesInFile(settings, model, problems);
        problems.ThrowIfAny();

        string path = settings.Find(OptionTable.WeightsFile) ?? DefaultPath(found.Path, format!);
        bool torchLayout = WeightLayout.IsTorch(settings);
        var layout = new ParameterLayout(model);
        Dictionary<string, NamedTensor> byName = found.Checkpoint.Parameters.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        List<(string, NamedTensor)> tensors = [];
        foreach (Parameter parameter in layout.ByLayer)
        {
            NamedTensor tensor = byName[parameter.Name] with { Name = names[parameter.Name] };
            tensors.Add((parameter.Name, torchLayout ? WeightLayout.Transpose(tensor) : tensor));
        }

        bool loadsInTorch = TorchNames.AreWanted(settings) && torchLayout && settings.Find(OptionTable.Map) is null;
        return new ExportPlan(path, format!, tensors, loadsInTorch ? PythonScript.Build(model, format!, path) : null);
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="InterchangeException">It exists or cannot be written.</exception>
    public void Write(Checkpoint checkpoint, bool torchLayout)
    {
        NamedTensor[] tensors = [.. Tensors.Select(pair => pair.Tensor)];
        Dictionary<string, string> about = About(checkpoint);
        if (Format == WeightFormat.Csv)
        {
            CsvTensors.Write(Path, tensors);
            return;
        }

        // Some loaders of safetensors ask for whose layout it is.
        if (Format == WeightFormat.Safetensors)
            about["format"] = torchLayout ? "pt" : "tf";
        InterchangeFile.Create(Path, stream =>
        {
            if (Format == WeightFormat.Safetensors)
                SafetensorsFile.Write(stream, tensors, about);
            else if (Format == WeightFormat.Npz)
                NpzFile.Write(stream, tensors);
            else
                OnnxModel.Write(stream, checkpoint.Spec.Model, tensors, about, checkpoint.Spec.Loss);
        });
    }

    private static Dictionary<string, string> About(Checkpoint checkpoint) => new()
    {
        ["producer"] = $"Lockstep {Coordinator.RunFolders.RunEnvironment.Version}",
        ["model"] = checkpoint.Spec.Model.ToString(),
        ["dataset"] = checkpoint.Spec.Data.Name,
        ["step"] = checkpoint.Step.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["weightsSha256"] = checkpoint.WeightsSha256,
    };

    private static WeightFormat? ChooseFormat(Settings settings, Problems problems)
    {
        string? file = settings.Find(OptionTable.WeightsFile);
        WeightFormat? implied = file is null ? null : WeightFormat.OfExtension(file);
        if (settings.Find(OptionTable.To) is not { } name)
        {
            if (implied is null)
                problems.Add($"{OptionTable.To.Name} is missing; expected {OptionTable.To.Legal}.");
            return implied;
        }

        var chosen = WeightFormat.Of(name);
        if (implied is not null && implied != chosen)
            problems.Add($"{OptionTable.To.Name} {name} contradicts {OptionTable.WeightsFile.Name} {file}, which is a name of {implied.Name}; change one of them.");
        return chosen;
    }

    private static void RefuseForOnnx(Settings settings, Problems problems)
    {
        foreach (OptionDescriptor option in new OptionDescriptor[] { OptionTable.Layout, OptionTable.Names, OptionTable.Map })
        {
            if (settings.GivenNow(option) is { } given)
                problems.Add($"{given.Given} has no meaning for ONNX, where the weights are inside of the model; leave it out.");
        }
    }

    private static Dictionary<string, string> NamesInFile(Settings settings, ModelSpec model, Problems problems)
    {
        Dictionary<string, string> names = TorchNames.AreWanted(settings)
            ? TorchNames.OfModel(model)
            : model.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Name, StringComparer.Ordinal);
        foreach (IGrouping<string, string> pair in (settings.Find(OptionTable.Map) ?? NameMap.Empty).Names.GroupBy(pair => pair.Value, pair => pair.Key))
        {
            string ours = pair.Key;
            if (!names.ContainsKey(ours))
            {
                string near = Spelling.Nearest(ours, names.Keys) is { } name ? $" did you mean '{name}'?" : "";
                problems.Add($"{OptionTable.Map.Name} names '{ours}', which the model does not have;{near} It has {string.Join(", ", names.Keys)}.");
            }
            else if (pair.Count() > 1)
            {
                problems.Add($"{OptionTable.Map.Name} gives '{ours}' {pair.Count()} names, {string.Join(" and ", pair)}; give it one.");
            }
            else
            {
                names[ours] = pair.Single();
            }
        }

        foreach (IGrouping<string, string> same in names.GroupBy(pair => pair.Value, pair => pair.Key).Where(group => group.Count() > 1))
            problems.Add($"{string.Join(" and ", same)} would both be '{same.Key}' in the file; give them different names with {OptionTable.Map.Name}.");
        return names;
    }

    // In the folder where the user is, not inside of the run.
    private static string DefaultPath(string checkpoint, WeightFormat format)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(checkpoint);
        return format == WeightFormat.Csv ? $"{name}-csv" : name + format.Extension;
    }
}
