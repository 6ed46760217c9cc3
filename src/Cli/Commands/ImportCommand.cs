using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Interchange;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Restoring;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>import</c>: makes a checkpoint, before the first step of a run, out of weights from elsewhere.</summary>
internal sealed class ImportCommand : CliCommand
{
    private readonly Argument<string> _file;

    public ImportCommand()
        : base("import", "Make a checkpoint of weights from other programs")
    {
        _file = TakeArgument("FILE", "A safetensors or npz file, or a folder of CSV files.");
        Take(OptionHeading.Exchange, ExchangeOptions.Layout, ExchangeOptions.Names, RestoreOptions.Map);
        Take(OptionHeading.Model, SpecOptions.Model);
        Take(OptionHeading.Data, SpecOptions.Data);
        Take(OptionHeading.Training, SpecOptions.Training);
        Take(OptionHeading.Output, [ReplayedOptions.CheckpointFile, OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Exchange;

    public override string Details =>
        "Writes a checkpoint of a run of --model that begins with the weights of a file: evaluate, predict and inspect it, go on with "
        + "'train --resume', or begin another training with 'train --init-from'. Every tensor of the file must fit a parameter of the "
        + "model, and every parameter must be there. Without --model, a file of dense layers and normalisation says which network it is.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep import net.safetensors --out net.ckpt", "a state_dict of PyTorch; the file says which network"),
        ("lockstep import net.npz --model 784-10 --map 'W=layer0/weights,b=layer0/biases' --out net.ckpt", "names of your own"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string file = settings.Find(ReplayedOptions.CheckpointFile)
            ?? throw new RequestException($"{ReplayedOptions.CheckpointFile.Name} is missing: give the checkpoint to write, such as "
            + $"{ReplayedOptions.CheckpointFile.Name} imported.ckpt.");
        InterchangeFile.RefuseExisting(file);
        var weights = WeightsFile.Read(invocation.Get(_file));
        ModelSpec? model = ModelPlan.BuildWithoutData(settings, weights.Network);
        ImportPlan? plan = model is null ? null : Match(weights, model, settings);

        await using RunDisplay display = RunDisplay.Create(io, settings);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(name: null, settings, io, display, CancellationToken.None);
        model ??= ModelPlan.Build(settings, loaded.Data);
        plan ??= Match(weights, model, settings);
        if (!settings.IsGiven(DataOptions.Dataset) && !model.Takes(loaded.Data.Training.Shape))
            throw new RequestException(
                $"The model {model} takes {model.Inputs:N0} values, but an example of {loaded.Data.Name}, which is taken where no data "
                    + $"set is named, has {loaded.Data.Training.SizeText}. Name the data that the network is for: "
                    + $"{DataOptions.Dataset.Name} PATH, with {DataOptions.Label.Name} COLUMN or {DataOptions.Target.Name} COLUMNS "
                    + "where it is a table.");
        RefuseOtherOutputs(weights, loaded.Data);
        TrainedModel imported = OptionNames.Translate(
            () => Trainer.Import(plan, loaded.Data, TrainingPlan.OptionsOf(settings, loaded.Data))).Initial;
        imported.Save(file);
        display.Say($"wrote {file}: {model} with the weights of {weights.Path}, before its first step on {loaded.Data.Name}");
        if (model.Layers.Any(HasRelu) && !(settings.Find(ModelOptions.Model) is { } text && Kinds.IsModelFile(text)))
            display.Say($"between its layers: ReLU, as weights do not tell; for another, give a model file with {ModelOptions.Model.Name} "
                + "FILE.json (docs/models.md)");
        if (plan.Rows.Any(row => row.Source is null))
            display.Say("Layers without a bias in the file have one of zeros: they compute the same. Training goes on with it.");
        await display.DisposeAsync();

        if (settings.Get(OutputOptions.Json))
        {
            JsonOutput.Write(io.Out, ImportJson.Of(plan, imported, weights.Path, file), ResultsContext.Default.ImportJson);
            return ExitCode.Done;
        }

        TextTable.Write(io.Out, ["parameter", "shape", "in the file", "shape"], [.. plan.Rows.Select(Cells)], firstNumber: 4);
        io.Out.WriteLine($"weights  sha256 {imported.WeightsSha256}");
        return ExitCode.Done;

        IReadOnlyList<string> Cells(RestoreRow row) =>
        [
            row.Parameter!, ForeignText.Shape(row.Shape!), row.Source ?? "zeros",
            row.Source is null ? "" : ForeignText.Shape(plan.ShapeInFile(row.Source)),
        ];
    }

    /// <summary>A file that Lockstep wrote says what its outputs stand for, and in which order.</summary>
    private static void RefuseOtherOutputs(WeightsFile weights, Dataset data)
    {
        if (data.Preparation is null)
            return;
        foreach ((string key, string own) in PreparationMetadata.OfOutputs(data.Preparation))
        {
            if (key is PreparationMetadata.Classes or PreparationMetadata.Targets && weights.Metadata.TryGetValue(key, out string? theirs)
                && theirs != own)
                throw new RequestException($"{weights.Path} says that its outputs are the {key} {ForeignText.Printable(theirs)}; those of "
                    + $"{data.Name} are {ForeignText.Printable(own)}. Give the data that it was trained on"
                    + $"{(key == PreparationMetadata.Targets ? $", with {DataOptions.Target.Name} in that order" : "")}.");
        }
    }

    private static bool HasRelu(LayerSpec layer) => layer is DenseSpec { Activation: Activation.Relu }
        or ConvolutionSpec { Activation: Activation.Relu } or NormalizationSpec { Activation: Activation.Relu };

    private static ImportPlan Match(WeightsFile file, ModelSpec model, Settings settings)
    {
        try
        {
            return ImportPlan.Make(file, model, ExchangeOptions.Of(settings));
        }
        catch (RequestException e) when (file.Network is null && !settings.IsGiven(ModelOptions.Model))
        {
            throw new RequestException(
                $"{file.Path} does not tell which network its weights are of (pooling and strides have no weights): "
                + $"give it with {ModelOptions.Model.Name} (docs/models.md). The file has "
                + string.Join(", ", file.Tensors.Select(tensor => $"{ForeignText.Quote(tensor.Name)} {ForeignText.Shape(tensor.Shape)}"))
                + ".",
                e);
        }
    }
}
