using System.Net;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Verification;
using Lockstep.Coordinator;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Standbys;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Training;

/// <summary>The part of a training session in which it stands by for another coordinator.</summary>
/// <param name="spec">The run, as this process's options have it.</param>
/// <param name="cluster">Where the other coordinators are.</param>
/// <param name="folder">Where copies go.</param>
/// <param name="standing">Told first.</param>
/// <param name="display">The screen.</param>
/// <param name="events">The record of events.</param>
internal sealed class StandbySession(
    RunSpec spec, ClusterPlan cluster, RunFolder folder, RunStanding standing, RunDisplay display, EventsFile events) : IProgress<StandbyEvent>
{
    /// <summary>Stands by until this process leads, or there is nothing to lead any more.</summary>
    /// <exception cref="UserErrorException">The leader's run is another one.</exception>
    public async Task<StandbyResult> RunAsync(int keepCheckpoints, ILoggerFactory loggers, CancellationToken stop)
    {
        display.Working("standing by");
        var options = new StandbyOptions
        {
            Spec = spec,
            CheckpointDirectory = folder.CheckpointDirectory,
            TraceFile = folder.TraceFile,
            MetricsFile = folder.MetricsFile,
            KeepCheckpoints = keepCheckpoints,
            Coordinators = [.. cluster.StandbyOf!.Select(place => new DnsEndPoint(place.Host, place.Port))],
            Listen = cluster.Listen,
            Advertise = cluster.Advertise,
            Secret = cluster.Secret,
            Tls = cluster.Tls,
        };
        StandbyResult result = await StandbyHost.RunAsync(options, this, loggers, stop);
        if (result is not StandbyResult.OtherRun other)
            return result;
        IEnumerable<string> differences = SpecDifferences.Between(other.Leader, spec).Select(difference => difference.ToString("the coordinator's run", "this one's"));
        throw new UserErrorException($"The coordinator at {other.Address} trains another run: {string.Join("; ", differences)}. Start a standby with the same options as the coordinator.");
    }

    public void Report(StandbyEvent value)
    {
        standing.Update(value);
        string line = RunLines.Describe(value);
        if (value is StandbyEvent.Replicated)
            return; // The checkpoint shows it.
        if (value is StandbyEvent.LeaderLost or StandbyEvent.Warning)
            display.Warn(line);
        else
            display.Say(line);
        try
        {
            events.Append(
                value switch
                {
                    StandbyEvent.Looking => "looking",
                    StandbyEvent.Following => "standingBy",
                    StandbyEvent.LeaderLost => "leaderLost",
                    StandbyEvent.Elected => "elected",
                    _ => "warning",
                },
                line);
        }
        catch (IOException)
        {
            // The screen has it.
        }
    }

    /// <summary>The result of a run that has ended elsewhere, from its last checkpoint.</summary>
    /// <exception cref="CheckpointException">It is not there.</exception>
    public RunResult Conclude(Dataset data)
    {
        LoadedCheckpoint last = CheckpointStore.Load(folder.Path);
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        CheckpointTensors.CopyTo(last.Checkpoint.Parameters, layout, weights);
        var evaluator = new Evaluator(spec.Model, layout);
        return new RunResult
        {
            Outcome = RunOutcome.Completed,
            Steps = last.Checkpoint.Step,
            WeightsSha256 = last.Checkpoint.WeightsSha256,
            Checkpoint = last.Path,
            ValidationAccuracy = evaluator.Evaluate(weights, data.Training, data.TrainingExamples, data.ValidationExamples).Accuracy,
            TestAccuracy = evaluator.Evaluate(weights, data.Test, 0, data.Test.Count).Accuracy,
            TrainSeconds = 0,
            Examples = 0,
            Workers = 0,
            Lanes = 0,
        };
    }
}
