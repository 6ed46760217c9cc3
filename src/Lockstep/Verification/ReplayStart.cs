using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;
using Lockstep.Wording;

namespace Lockstep.Verification;

/// <summary>The state from which a run is trained again.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="Weights">The flat vector of parameters.</param>
/// <param name="State">State of the optimizer: its slots one after the other.</param>
/// <param name="From">The checkpoint with that state; null for the beginning of the run.</param>
internal sealed record ReplayStart(long Step, float[] Weights, float[] State, Checkpoint? From)
{
    /// <summary>The state in a checkpoint.</summary>
    public static ReplayStart At(Checkpoint checkpoint)
    {
        var layout = new ParameterLayout(checkpoint.Spec.Model);
        float[] weights = new float[layout.Length], state = NewState(checkpoint.Spec, layout);
        CheckpointTensors.CopyTo(checkpoint.Parameters, layout, weights);
        CheckpointTensors.CopySlotsTo(checkpoint.Slots, layout, state);
        return new ReplayStart(checkpoint.Step, weights, state, checkpoint);
    }

    /// <summary>The newest checkpoint of a run at or before a step; null where there is none.</summary>
    public static ReplayStart? Before(RunHistory run, ReplayOptions options)
    {
        var notes = new List<string>();
        ReplayStart? found = null;
        foreach ((string path, long _) in run.Files.Where(file => file.Step <= options.UpTo).Reverse())
        {
            if (RunHistory.TryRead(path, notes) is { } checkpoint && checkpoint.Step <= options.UpTo
                && TraceChain.HashOf(checkpoint.Spec) == run.SpecHash)
            {
                found = At(checkpoint);
                break;
            }
        }

        foreach (string note in notes.Except(run.Notes))
            options.OnNotice?.Invoke(note);
        return found;
    }

    /// <summary>The state before the first step.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="given">What the run began with, as the user says; null if the user does not.</param>
    /// <param name="saved">Where the run's configuration says they came from.</param>
    /// <exception cref="RequestException">The parameters that the run began with are not found.</exception>
    /// <exception cref="CheckpointException">They cannot be read.</exception>
    public static ReplayStart Beginning(RunSpec spec, string? given, RunConfiguration saved)
    {
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        var start = new ReplayStart(0, weights, NewState(spec, layout), From: null);
        if (spec.RestoredSha256 is not { } sha256)
            return start;

        string source = given ?? saved.InitFrom
            ?? throw new RequestException($"The run began with restored parameters (digest {sha256}), "
                + "and its config.json does not say where they came from. "
                + $"Give the checkpoint or run folder with --init-from.");
        string[] files = FilesOf(source);
        foreach (string file in files)
        {
            Checkpoint checkpoint = CheckpointStore.Load(file).Checkpoint;
            // A model that was imported or restored into a file is already the beginning of the run.
            if (checkpoint.Step == 0 && TraceChain.HashOf(checkpoint.Spec) == TraceChain.HashOf(spec))
                return At(checkpoint);
            var restore = RestorePlan.Make(layout, checkpoint.Parameters, saved.Rules);
            if (restore.Sha256 != sha256)
                continue;
            CheckpointTensors.Overlay(restore.Tensors, layout, weights);
            return start;
        }

        string what = files.Length == 1
            ? $"{files[0]} does not have them"
            : $"none of the {Format.Count(files.Length)} checkpoints of {source} has them";
        throw new RequestException($"The run began with restored parameters of digest {sha256}; {what}. "
            + "Give the checkpoint that it was started with to --init-from.");
    }

    // The run may have begun with a checkpoint that is not the newest of its folder now.
    private static string[] FilesOf(string source)
    {
        string newest = CheckpointStore.Load(source).Path;
        return !Directory.Exists(source)
            ? [newest]
            :
            [
                newest,
                .. new CheckpointStore(Path.GetDirectoryName(newest)!).List()
                    .OrderByDescending(file => file.Step).Select(file => file.Path).Where(path => path != newest),
            ];
    }

    private static float[] NewState(RunSpec spec, ParameterLayout layout) => new float[Optimizer.Create(spec, layout).StateLength];
}
