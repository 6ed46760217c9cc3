using Lockstep.Cli.Configuration;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Networks;
using Lockstep.Shared.Interchange;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>replay</c>: the checkpoint of any step of a run.</summary>
internal static class ReplayCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        (string file, long to) = Wanted(settings);
        InterchangeFile.RefuseExisting(file);
        var run = RunHistory.Read(invocation.Argument!);
        TrainedModel? model;
        VerificationResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            foreach (string note in run.Notes)
                display.Warn($"warning: {note}");
            LoadedDataset loaded = await DatasetAccess.LoadAsync(run, settings, io, display);
            (model, result) = await run.ReplayAsync(to, loaded.Data, VerifyCommand.OptionsOf(settings, display) with
            {
                OnBegin = step => display.Working(
                    $"training {Format.Plural(to - step, "step")} {(step == 0 ? "from the beginning" : $"on from the checkpoint of step {Format.Count(step)}")}"),
            });
        }

        if (model is null)
        {
            io.Error.WriteLine($"Nothing is written: step {Format.Count(result.Steps)} differs from the run: {result.Difference}. See 'lockstep verify {run.Folder}'.");
            return ExitCode.RunFailed;
        }

        model.Save(file);
        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, ReplayJson.Of(model, file), ResultsContext.Default.ReplayJson);
        else
            io.Out.WriteLine($"{file}: step {Format.Count(model.Step)}, sha256 {model.WeightsSha256}");
        return ExitCode.Done;
    }

    private static (string File, long To) Wanted(Settings settings)
    {
        var problems = new Problems();
        string? file = settings.Find(OptionTable.CheckpointFile);
        if (file is null)
            problems.Add($"{OptionTable.CheckpointFile.Name} is missing: give the checkpoint to write, such as {OptionTable.CheckpointFile.Name} step.ckpt.");
        if (settings.Text(OptionTable.UpTo) is null)
            problems.Add($"{OptionTable.UpTo.Name} is missing: give the step whose checkpoint you want.");
        problems.ThrowIfAny();
        return (file!, settings.Get(OptionTable.UpTo));
    }
}
