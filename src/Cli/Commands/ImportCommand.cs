using Lockstep.Cli.Configuration;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Interchange;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Interchange;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>import</c>: makes a checkpoint, before the first step of a run, out of weights from elsewhere.</summary>
internal static class ImportCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string file = settings.Find(OptionTable.CheckpointFile)
            ?? throw new RequestException($"{OptionTable.CheckpointFile.Name} is missing: give the checkpoint to write, such as {OptionTable.CheckpointFile.Name} imported.ckpt.");
        InterchangeFile.RefuseExisting(file);
        ModelSpec model = ModelPlan.Build(settings);
        var plan = ImportPlan.Make(invocation.Argument!, model, ExchangeOptions.Of(settings));

        await using RunDisplay display = RunDisplay.Create(io, settings);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(settings.Find(OptionTable.Dataset), settings, io, display, CancellationToken.None);
        TrainedModel imported = OptionNames.Translate(() => Trainer.Import(plan, loaded.Data, TrainingPlan.OptionsOf(settings))).Initial;
        imported.Save(file);
        display.Say($"wrote {file}: {model} with the weights of {invocation.Argument}, before its first step on {loaded.Data.Name}");
        await display.DisposeAsync();

        if (settings.Get(OptionTable.Json))
        {
            JsonOutput.Write(io.Out, ImportJson.Of(plan, imported, invocation.Argument!, file), ResultsContext.Default.ImportJson);
            return ExitCode.Done;
        }

        TextTable.Write(io.Out, ["parameter", "shape", "in the file", "shape"],
            [.. plan.Rows.Select(row => (IReadOnlyList<string>)[row.Parameter!, ForeignText.Shape(row.Shape!), row.Source!, ForeignText.Shape(plan.ShapeInFile(row.Source!))])], firstNumber: 4);
        io.Out.WriteLine($"weights  sha256 {imported.WeightsSha256}");
        return ExitCode.Done;
    }
}
