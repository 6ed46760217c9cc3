using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Packing;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Sweeps;

/// <summary>
/// Several trainings on the same data, some of them at the same time in this process, on one thread each. A trial has the weights that the
/// same training has alone, to the byte.
/// </summary>
public sealed class Sweep
{
    private readonly Dataset _data;
    private readonly IReadOnlyList<SweepTrial> _trials;
    private readonly RunSpec[] _specs;
    private readonly Lock _reporting = new();

    /// <summary>Prepares the trials, and checks all of them.</summary>
    /// <param name="data">Examples to train on and to validate with.</param>
    /// <param name="trials">At least one, each with a name of its own.</param>
    /// <exception cref="RequestException">A trial cannot be trained; the messages have every mistake.</exception>
    public Sweep(Dataset data, IReadOnlyList<SweepTrial> trials)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(trials);
        _data = data;
        _trials = trials;
        var problems = new Problems();
        if (trials.Count == 0)
            problems.Add("A sweep needs at least one trial.");
        foreach (IGrouping<string, SweepTrial> same in trials.GroupBy(trial => trial.Name).Where(group => group.Count() > 1))
            problems.Add($"{same.Count()} trials have the name {same.Key}; give each its own.");
        var specs = new List<RunSpec>();
        foreach (SweepTrial trial in trials)
        {
            try
            {
                specs.Add(Begin(trial).Run);
            }
            catch (RequestException e)
            {
                foreach (string message in e.Messages)
                    problems.Add($"{trial.Name}: {message}");
            }
        }

        problems.ThrowIfAny();
        _specs = [.. specs];
    }

    /// <summary>Trains all trials, or goes on with them.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Finishes the current steps, saves, and gives the results so far.</param>
    /// <returns>A result for each trial, in their order. A trial that fails does not end the others.</returns>
    /// <exception cref="RequestException">The folder cannot be written, or holds another run in place of a trial.</exception>
    public async Task<IReadOnlyList<TrialResult>> RunAsync(SweepOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Parallel);
        TrialResult[] results =
            [.. _trials.Select(trial => new TrialResult(trial, Path.Combine(options.Folder, trial.Name), TrialState.Waiting))];
        CreateFolder(options.Folder);
        Keep(results, options);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallel == 0 ? Processors.Usable : options.Parallel };
        IEnumerable<int> unfinished = Enumerable.Range(0, results.Length).Where(i => results[i].State != TrialState.Completed).ToArray();
        await Parallel.ForEachAsync(unfinished, parallel, async (i, _) =>
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            lock (_reporting)
                options.OnBegin?.Invoke(_trials[i]);
            results[i] = await TrainAsync(_trials[i], results[i].Folder, cancellationToken).ConfigureAwait(false);
            lock (_reporting)
                options.OnEnd?.Invoke(results[i]);
        }).ConfigureAwait(false);
        return results;
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            _ = Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"The folder {folder} cannot be written: {e.Message.TrimEnd('.')}. "
                + "Give the sweep a folder that you may write to.", e);
        }
    }

    /// <summary>Finds the trials that are complete already.</summary>
    private void Keep(TrialResult[] results, SweepOptions options)
    {
        var problems = new Problems();
        for (int i = 0; i < results.Length; i++)
        {
            string folder = results[i].Folder;
            if (FindSaved(folder) is not { } saved)
                continue;
            if (!RunSpecCodec.Encode(saved.Run).AsSpan().SequenceEqual(RunSpecCodec.Encode(_specs[i])))
                problems.Add($"{folder} holds a run with other options than this sweep has for it. Give the sweep another folder.");
            else if ((saved.Checkpoint.StopReason is not null || saved.Step >= _specs[i].TotalSteps)
                && File.Exists(RunFolder.SummaryFileOf(folder)))
                results[i] = TrialResult.Read(_trials[i], folder, TrialState.Completed, message: null);
        }

        problems.ThrowIfAny();
        foreach (TrialResult kept in results.Where(result => result.State == TrialState.Completed))
            options.OnEnd?.Invoke(kept);
    }

    private async Task<TrialResult> TrainAsync(SweepTrial trial, string folder, CancellationToken stop)
    {
        TrialState state = TrialState.Failed;
        string? message = null;
        try
        {
            Trainer trainer = FindSaved(folder) is { } saved ? Trainer.Resume(saved, _data) : Begin(trial);
            TrainingResult result = await trainer.TrainAsync(trial.Run with { RunFolder = folder, Reopens = true, Lanes = 1 }, stop)
                .ConfigureAwait(false);
            state = result.IsComplete ? TrialState.Completed : TrialState.Stopped;
        }
        catch (TrainingException e)
        {
            message = e.Summary?.Result.Message ?? e.Message;
        }
        catch (Exception e) when (Mistakes.Are(e) || e is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            message = e.Message;
        }

        return TrialResult.Read(trial, folder, state, message);
    }

    private Trainer Begin(SweepTrial trial) => new(trial.Model, _data, trial.Options);

    // Without a checkpoint that can be read a trial begins again, with the same result.
    private static TrainedModel? FindSaved(string folder)
    {
        try
        {
            return TrainedModel.Load(folder);
        }
        catch (CheckpointException)
        {
            return null;
        }
    }
}
