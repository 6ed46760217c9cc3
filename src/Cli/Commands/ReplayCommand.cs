using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Interchange;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>replay</c>: the checkpoint of any step of a run.</summary>
internal sealed class ReplayCommand : ReplayingCommand
{
    public ReplayCommand()
        : base("replay", "The checkpoint of any step of a run")
    {
        Take(OptionHeading.Output, [ReplayedOptions.CheckpointFile, OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Details =>
        "Goes on from the newest checkpoint at or before a step, or from the beginning, in this process, and writes the checkpoint "
        + "that the run had at that step, whether it saved one or not. Every step on the way is compared with the trace.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("lockstep replay runs/cosine --to 1234 --out step-1234.ckpt", "look at it with inspect, evaluate, predict")];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        (string file, long to) = Wanted(settings);
        InterchangeFile.RefuseExisting(file);
        RunHistory run = ReadRun(invocation);
        TrainedModel? model;
        VerificationResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            foreach (string note in run.Notes)
                display.Warn($"warning: {note}");
            LoadedDataset loaded = await DatasetAccess.LoadAsync(run, settings, io, display);
            (model, result) = await run.ReplayAsync(to, loaded.Data, OptionsOf(settings, display) with
            {
                OnBegin = step => display.Working(
                    $"training {Format.Plural(to - step, "step")} "
                        + $"{(step == 0 ? "from the beginning" : $"on from the checkpoint of step {Format.Count(step)}")}"),
            });
        }

        if (model is null)
        {
            io.Error.WriteLine($"Nothing is written: step {Format.Count(result.Steps)} differs from the run: {result.Difference}. See: "
                + $"lockstep verify {ShellWord.OfPath(run.Folder)}");
            return ExitCode.RunFailed;
        }

        model.Save(file);
        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, ReplayJson.Of(model, file), ResultsContext.Default.ReplayJson);
        else
            io.Out.WriteLine($"{file}: step {Format.Count(model.Step)}, sha256 {model.WeightsSha256}");
        return ExitCode.Done;
    }

    private static (string File, long To) Wanted(Settings settings)
    {
        var problems = new Problems();
        string? file = settings.Find(ReplayedOptions.CheckpointFile);
        if (file is null)
            problems.Add($"{ReplayedOptions.CheckpointFile.Name} is missing: give the checkpoint to write, such as "
                + $"{ReplayedOptions.CheckpointFile.Name} step.ckpt.");
        if (settings.FindValue(ReplayedOptions.UpTo) is null)
            problems.Add($"{ReplayedOptions.UpTo.Name} is missing: give the step whose checkpoint you want.");
        problems.ThrowIfAny();
        return (file!, settings.Get(ReplayedOptions.UpTo));
    }
}
