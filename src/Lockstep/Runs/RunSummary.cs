using System.Globalization;
using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Runs;

/// <summary>How a run ended: <c>summary.json</c> of its folder.</summary>
/// <param name="Spec">What was trained.</param>
/// <param name="Result">How it ended.</param>
/// <param name="WallSeconds">From the beginning of this process's part to its end.</param>
/// <param name="Folder">The run folder; null where nothing is kept.</param>
/// <param name="ResumeCommand">The command that resumes it.</param>
public sealed record RunSummary(RunSpec Spec, RunResult Result, double WallSeconds, string? Folder, string ResumeCommand)
{
    /// <summary>After a divergence: the newest checkpoint of finite weights and a finite loss; null for none.</summary>
    public string? FiniteCheckpoint { get; init; }

    /// <summary>For a run that is not complete: a paragraph about what happened and how to continue.</summary>
    public string Ending
    {
        get
        {
            if (Result.Outcome == RunOutcome.HandedOver)
                return $"Handed over after step {Format.Count(Result.Steps)} of {Format.Count(Spec.TotalSteps)}. {Result.Message}";
            string what = Result.Outcome == RunOutcome.Stopped
                ? $"Stopped after step {Format.Count(Result.Steps)} of {Format.Count(Spec.TotalSteps)}."
                : Result.Message ?? "The run failed.";
            if (Folder is null)
                return what;
            if (!Directory.Exists(Folder))
                return $"{what} The run folder {Folder} was deleted meanwhile.";
            if (Result.LastFiniteStep is not null)
                return $"{what} {AfterDivergence()}";
            if (Result.Checkpoint is not { } saved)
                return $"{what} Nothing is saved; the log is {RunFolder.LogFileOf(Folder)}.";
            string newest = Path.GetFileName(saved) == CheckpointStore.FileName(Result.Steps) ? "" : $" The newest checkpoint is {saved}.";
            return $"{what}{newest} Go on with: {ResumeCommand}";
        }
    }

    /// <summary>Advice after a divergence: another run, because this one would diverge again in the same step.</summary>
    private string AfterDivergence()
    {
        string resume = $"--resume {ShellWord.OfPath(Folder!)}";
        string config = $"--config {ShellWord.OfPath(RunFolder.ConfigFileOf(Folder!))}";
        string command = ResumeCommand.Replace(resume, config, StringComparison.Ordinal);
        string lower = (Spec.Optimizer.LearningRate / 10).ToString("R", CultureInfo.InvariantCulture);
        return FiniteCheckpoint is { } begin
            ? "The same run would diverge again. Start another one with a lower rate, "
                + "from the newest checkpoint of finite weights and loss: "
                + $"{command} --init-from {ShellWord.OfPath(begin)} --learning-rate {lower}"
            : $"The same run would diverge again. Start another one with a lower rate: {command} --learning-rate {lower}";
    }

    /// <summary>An outcome in words.</summary>
    public static string WordsOf(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Completed => "completed",
        RunOutcome.Stopped => "stopped",
        RunOutcome.HandedOver => "handed over",
        RunOutcome.Yielded => "yielded",
        RunOutcome.ClusterLost => "cluster lost",
        _ => "failed",
    };

    /// <summary>Training examples per second of training, of this process.</summary>
    public double ExamplesPerSecond => Result.TrainSeconds > 0 ? Result.Examples / Result.TrainSeconds : 0;

    /// <summary>Completed epochs; a fraction in the middle of one.</summary>
    public double Epochs => Math.Round((double)Result.Steps / Spec.StepsPerEpoch, 6);

    /// <summary>Writes the summary as one object.</summary>
    public void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, SummaryJson.Of(this), RunFilesContext.Default.SummaryJson);
}
