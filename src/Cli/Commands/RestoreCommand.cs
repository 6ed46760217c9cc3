using Lockstep.Cli.Configuration;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>restore</c>: matches a model with a checkpoint by name, shows how, and writes the restored model.</summary>
internal static class RestoreCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        bool dryRun = settings.Get(OptionTable.DryRun);
        string? file = settings.Find(OptionTable.CheckpointFile);
        if (!dryRun && file is null)
            throw new RequestException($"{OptionTable.CheckpointFile.Name} is missing: give the file to write, or {OptionTable.DryRun.Name} to see only what would fit.");
        if (file is not null && File.Exists(file))
            throw new RequestException($"{file} exists already; give another file to {OptionTable.CheckpointFile.Name}.");

        ModelSpec model = ModelPlan.Build(settings);
        TrainedModel source = ModelAccess.Load(invocation.Argument!, io.Error.WriteLine);
        RestorePlan plan = source.PlanRestore(model, TrainingPlan.RulesOf(settings));
        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, RestoreJson.Of(model, source, plan), ResultsContext.Default.RestoreJson);
        else
            new RestoreTable(model, source, plan).WriteText(io.Out);
        RestoreProblems.ThrowIfAny(plan, model, source);
        if (dryRun)
            return ExitCode.Done;

        await using RunDisplay display = RunDisplay.Create(io, settings);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(settings.Find(OptionTable.Dataset), settings, io, display, CancellationToken.None);
        TrainingPlan.New(settings, model, loaded.Data, source).Initial.Save(file!);
        display.Say($"wrote {file}");
        return ExitCode.Done;
    }
}
