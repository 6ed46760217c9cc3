using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Reads trained models for the commands, and sees whether they fit a data set.</summary>
internal static class ModelAccess
{
    /// <summary>Reads a checkpoint, or the newest of a run folder, and says what was passed over.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="warn">Told of what was passed over.</param>
    /// <param name="mayBeNonFinite">Whether NaN and infinity are read as well: only to look at them.</param>
    /// <param name="which">Which one of a folder; null takes the newest.</param>
    /// <exception cref="CheckpointException">There is none, or it is damaged.</exception>
    /// <exception cref="RequestException">The best of a file is asked for.</exception>
    public static TrainedModel Load(string path, Action<string> warn, bool mayBeNonFinite = false, string? which = null)
    {
        bool best = which == CheckpointOptions.Best;
        if (best && File.Exists(path))
            throw new RequestException($"{CheckpointOptions.Which.Name} {which} chooses among the checkpoints of a run folder, and {path} "
                + "is a file. Give the folder, or leave the option out.");
        var model = TrainedModel.Load(path, mayBeNonFinite, best);
        foreach (string warning in model.Warnings)
            warn($"warning: {warning}");
        return model;
    }

    /// <summary>Finds what is wrong with a data set for a model.</summary>
    /// <exception cref="RequestException">Its examples do not fit the network.</exception>
    public static void CheckFits(TrainedModel model, Dataset data)
    {
        var problems = new Problems();
        CheckFits(model, data, problems);
        problems.ThrowIfAny();
    }

    /// <summary>The same, among other problems.</summary>
    public static void CheckFits(TrainedModel model, Dataset data, Problems problems) =>
        RunPlan.CheckModel(model.Model, data, $"The model {model.Model} of {model.Path}", problems);

    /// <summary>Warns of a data set that has the name of the one trained on but other examples.</summary>
    public static void WarnOfOtherExamples(TrainedModel model, LoadedDataset loaded, RunDisplay display)
    {
        if (loaded.Data.Name == model.Run.Data.Name && loaded.Data.Sha256 != model.Run.Data.Sha256)
            display.Warn($"warning: these are not the examples that the run was trained on: {loaded.Source} "
                + (model.Run.Data.Preparation is null
                    ? $"holds another {model.Run.Data.Name}, with digest {loaded.Data.Sha256}."
                    : "has changed since, and the model may have been trained on some of what it is now asked."));
    }
}
