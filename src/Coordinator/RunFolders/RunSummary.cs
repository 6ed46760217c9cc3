using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.RunFolders;

/// <summary><c>summary.json</c>: how a run ended.</summary>
/// <param name="Spec">What was trained.</param>
/// <param name="Result">What the host returned.</param>
/// <param name="WallSeconds">From the start of the command to the end of the run.</param>
/// <param name="Folder">The run folder.</param>
public sealed record RunSummary(RunSpec Spec, RunResult Result, double WallSeconds, string Folder)
{
    /// <summary>Training examples per second of training, of this process.</summary>
    public double ExamplesPerSecond => Result.TrainSeconds > 0 ? Result.Examples / Result.TrainSeconds : 0;

    /// <summary>Completed epochs; a fraction in the middle of one.</summary>
    public double Epochs => Math.Round((double)Result.Steps / Spec.StepsPerEpoch, 6);

    /// <summary>Writes the summary as one object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("outcome", Result.Outcome switch
        {
            RunOutcome.Completed => "completed",
            RunOutcome.Stopped => "stopped",
            RunOutcome.HandedOver => "handedOver",
            RunOutcome.Yielded => "yielded",
            RunOutcome.ClusterLost => "clusterLost",
            _ => "failed",
        });
        writer.WriteString("weightsSha256", Result.WeightsSha256);
        writer.WriteNumber("steps", Result.Steps);
        writer.WriteNumber("epochs", Epochs);
        writer.WriteNumber("workers", Result.Workers);
        writer.WriteNumber("lanes", Result.Lanes);
        writer.WriteStartObject("dataset");
        writer.WriteString("name", Spec.Data.Name);
        writer.WriteString("sha256", Spec.Data.Sha256);
        writer.WriteEndObject();
        writer.WriteFinite("validationAccuracy", Result.ValidationAccuracy);
        writer.WriteFinite("testAccuracy", Result.TestAccuracy);
        writer.WriteFinite("trainSeconds", Math.Round(Result.TrainSeconds, 3));
        writer.WriteFinite("wallSeconds", Math.Round(WallSeconds, 3));
        writer.WriteFinite("examplesPerSecond", Math.Round(ExamplesPerSecond, 1));
        writer.WriteNumber("firstStep", Result.FirstStep);
        writer.WriteString("checkpoint", Result.Checkpoint);
        writer.WriteString("folder", Folder);
        if (Result.Message is not null)
            writer.WriteString("message", Result.Message);
        writer.WriteEndObject();
    }
}
