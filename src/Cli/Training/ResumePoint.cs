using Lockstep.Cli.Options;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Training;

/// <summary>Where <c>--resume</c> leads.</summary>
/// <param name="Model">The checkpoint.</param>
/// <param name="RunFolder">The run folder that it lies in, or null.</param>
internal sealed record ResumePoint(TrainedModel Model, string? RunFolder)
{
    private const string Auto = "auto";

    /// <summary>
    /// Whether the command line is the same for the first start and every restart of a run, as a supervisor gives it: <c>--resume auto</c>
    /// or <c>--peers</c> with <c>--out</c>. It begins a run that has no checkpoint, continues one that has, and exits with 0 for a complete
    /// one.
    /// </summary>
    public static bool IsWholeRun(Settings settings) => settings.Find(RunFolderOptions.Out) is not null
        && (settings.Find(RunFolderOptions.Resume) is { } resume ? resume == Auto : settings.Find(NetworkOptions.Peers) is not null);

    /// <summary>Finds the checkpoint to continue from; null without <c>--resume</c>, or when a whole run has none yet.</summary>
    /// <exception cref="RequestException">There is nothing to resume.</exception>
    /// <exception cref="CheckpointException">No checkpoint there can be read.</exception>
    public static ResumePoint? Find(Settings settings)
    {
        if ((settings.Find(RunFolderOptions.Resume) ?? (IsWholeRun(settings) ? Auto : null)) is not { } path)
            return null;
        if (path == Auto)
        {
            string? chosen = settings.Find(RunFolderOptions.Out);
            path = chosen ?? Runs.RunFolder.FindUnfinished(Runs.RunFolder.DefaultParent)
                ?? throw new RequestException($"--resume auto finds no unfinished run in {Path.GetFullPath(Runs.RunFolder.DefaultParent)}. "
                    + "Give a run folder or a checkpoint, or leave --resume out to start a run.");
        }

        if (Load(path, mayBeMissing: IsWholeRun(settings)) is not { } found)
            return null;
        return new ResumePoint(found, Runs.RunFolder.Of(found.Path));
    }

    private static TrainedModel? Load(string path, bool mayBeMissing)
    {
        try
        {
            return TrainedModel.Load(path);
        }
        catch (CheckpointException e) when (e.Error == CheckpointError.NotFound && mayBeMissing)
        {
            return null;
        }
        catch (CheckpointException e) when (e.Error == CheckpointError.NotFound && File.Exists(Runs.RunFolder.ConfigFileOf(path)))
        {
            throw new RequestException(
                $"The run in {path} cannot be resumed: no checkpoint was saved in it; start again with {RunFolderOptions.Out.Name} DIR.",
                e);
        }
    }
}
