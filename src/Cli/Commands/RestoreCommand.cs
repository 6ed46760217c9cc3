using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;

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
            throw new UserErrorException($"{OptionTable.CheckpointFile.Name} is missing: give the file to write, or {OptionTable.DryRun.Name} to see only what would fit.");
        if (file is not null && File.Exists(file))
            throw new UserErrorException($"{file} exists already; give another file to {OptionTable.CheckpointFile.Name}.");

        RestoreStep restore = RestoreStep.Load(invocation.Argument!, settings, ModelPlan.Build(settings));
        foreach (string warning in restore.Warnings)
            io.Error.WriteLine($"warning: {warning}");
        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, restore.WriteJson);
        else
            restore.WriteTable(io.Out);
        restore.ThrowIfRefused();
        if (dryRun)
            return ExitCode.Done;

        await using RunDisplay display = RunDisplay.Create(io, settings);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(settings.Find(OptionTable.Dataset), settings, io, display, CancellationToken.None);
        RunSpec spec = RunPlan.New(settings, loaded.Data) with { RestoredSha256 = restore.Plan.Sha256 };
        CheckpointStore.SaveAs(StartCheckpoint.Create(spec, restore.Plan.Tensors), file!);
        display.Say($"wrote {file}");
        return ExitCode.Done;
    }
}
