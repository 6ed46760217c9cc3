using System.Diagnostics;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Data;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Verification;

/// <summary>Trains a run again in this process, and compares the weights with the trace and the checkpoints on the way.</summary>
internal sealed class Replay : IDisposable
{
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(2);

    private readonly RunHistory _run;
    private readonly RunSpec _spec;
    private readonly LocalTrainer _trainer;
    private readonly TraceReader? _trace;
    private readonly RunDisplay _display;
    private readonly long _evaluateEvery;
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private TraceLine? _line;

    private Replay(RunHistory run, ReplayStart start, ImageSet images, Settings saved, int workers, RunDisplay display)
    {
        (_run, _spec, _display) = (run, run.Spec!, display);
        _trainer = new LocalTrainer(_spec, images, start.Step, start.Weights, start.State, workers);
        Unreported = start.From?.Unreported ?? default;
        _evaluateEvery = saved.Get(OptionTable.EvaluateEvery).Steps(_spec.StepsPerEpoch);
        _trace = run.OpenTrace();
    }

    /// <summary>Completed steps.</summary>
    public long Step => _trainer.CompletedSteps;

    /// <summary>Digest of the weights after them.</summary>
    public string WeightsSha256 => WeightsDigest.Sha256(_trainer.Layout, _trainer.Weights);

    /// <summary>Steps that were compared with the trace.</summary>
    public long TracedSteps { get; private set; }

    /// <summary>Checkpoints that were compared.</summary>
    public int Checkpoints { get; private set; }

    private NodeStatistics Unreported { get; set; }

    /// <summary>Finds the data set of a run where <c>evaluate</c> does, else where the run had it, and makes ready.</summary>
    /// <param name="run">The run; its spec is known.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="saved">The options that the run was started with.</param>
    /// <param name="invocation">Options and environment of this command.</param>
    /// <param name="display">Shows progress.</param>
    public static async Task<Replay> CreateAsync(RunHistory run, ReplayStart start, Settings saved, Invocation invocation, RunDisplay display)
    {
        (RunSpec spec, Settings settings) = (run.Spec!, invocation.Settings);
        string? directory = settings.Find(OptionTable.DataDir) ?? (saved.Find(OptionTable.DataDir) is { } own && Directory.Exists(own) ? own : null);
        var request = new DatasetRequest { Name = spec.Data.Name, DataDirectory = directory, Offline = settings.Get(OptionTable.Offline) };
        LoadedDataset loaded = await DatasetAccess.LoadAsync(request, invocation.Io, display, CancellationToken.None);
        DatasetAccess.CheckDigest(spec, loaded);
        int workers = settings.Text(OptionTable.ReplayWorkers) is null ? Processors.Usable : (int)settings.Get(OptionTable.ReplayWorkers);
        try
        {
            return new Replay(run, start, loaded.Data.Training, saved, workers, display);
        }
        catch (ArgumentException e)
        {
            throw new UserErrorException($"The run in {run.Folder} cannot be trained again: {e.Message}", e);
        }
    }

    /// <summary>Trains up to a step.</summary>
    /// <param name="to">The step.</param>
    /// <param name="compareCheckpoints">Whether to compare with the checkpoints as well as with the trace.</param>
    /// <param name="notes">Receives why a checkpoint cannot be compared.</param>
    /// <returns>The first difference, at <see cref="Step"/>, a sentence; null when there is none.</returns>
    public string? Run(long to, bool compareCheckpoints, ICollection<string> notes)
    {
        ILookup<long, string>? files = compareCheckpoints ? _run.Files.ToLookup(file => file.Step, file => file.Path) : null;
        _line = _trace?.Next();
        while (true)
        {
            if (CompareTrace() is { } difference)
                return difference;
            foreach (string path in files?[Step] ?? [])
            {
                if (RunHistory.TryRead(path, notes) is { } checkpoint && CompareCheckpoint(path, checkpoint) is { } found)
                    return found;
            }

            if (Step >= to)
                return null;
            Show(to);
            Unreported += _trainer.Step();
            if (Step == _spec.TotalSteps || (_evaluateEvery > 0 && Step % _evaluateEvery == 0))
                Unreported = default;
        }
    }

    /// <summary>Trains up to a step without comparing.</summary>
    public void TrainOn(long to)
    {
        while (Step < to)
            _ = _trainer.Step();
    }

    /// <summary>The state as the checkpoint that the run had here.</summary>
    public Checkpoint ToCheckpoint() => new()
    {
        RunId = _run.Newest!.RunId,
        Term = _run.Newest.Term,
        Spec = _spec,
        Step = Step,
        Parameters = CheckpointTensors.CopyFrom(_trainer.Layout, _trainer.Weights),
        Slots = CheckpointTensors.CopySlotsFrom(_trainer.Layout, _spec.Optimizer.Slots, _trainer.State),
        Unreported = Unreported,
        WeightsSha256 = WeightsSha256,
    };

    public void Dispose() => _trace?.Dispose();

    private string? CompareTrace()
    {
        if (_trace is null)
            return null;
        if (Step == _trace.FirstStep && WeightsHash.Of(_trainer.Weights) is var all && all != _trace.FirstWeights)
            return $"the trace begins with weights of hash {WeightsHash.ToHexString(_trace.FirstWeights)}, trained again they have {WeightsHash.ToHexString(all)}";
        while (_line is { } early && early.Step < Step)
            _line = _trace.Next();
        if (_line is not { } line || line.Step != Step)
            return null;
        UInt128 trained = WeightsHash.Of(_trainer.Weights[.._trainer.Layout.TrainableLength]);
        if (trained != line.Weights)
            return $"the trace has weights of hash {WeightsHash.ToHexString(line.Weights)}, trained again they have {WeightsHash.ToHexString(trained)}";
        if (!line.Follows)
            return "the trace has the right weights, but its chained hash does not follow from the lines before: it was changed";
        TracedSteps++;
        return null;
    }

    private string? CompareCheckpoint(string path, Checkpoint checkpoint)
    {
        if (TraceChain.HashOf(checkpoint.Spec) != _run.SpecHash)
            return $"{path} is of another run: {string.Join("; ", SpecDifferences.Between(_spec, checkpoint.Spec).Select(difference => difference.ToString("the run", "it")))}";
        if (checkpoint.Step != Step)
            return $"{path} holds step {Format.Count(checkpoint.Step)}, not the one that its name says";
        Checkpoint own = ToCheckpoint();
        if (TensorDifference.Largest(own.Parameters, checkpoint.Parameters) is { } weights)
            return $"{path} has other weights: {weights.ToString("trained again", "in it")}";
        foreach ((OptimizerSlot trained, OptimizerSlot saved) in own.Slots.Zip(checkpoint.Slots))
        {
            if (TensorDifference.Largest(trained.Tensors, saved.Tensors) is { } state)
                return $"{path} has another optimizer state: {state.ToString("trained again", "in it")}";
        }

        Checkpoints++;
        return null;
    }

    private void Show(long to)
    {
        if (_sinceShown.Elapsed < ShowEvery)
            return;
        _sinceShown.Restart();
        _display.Working($"step {Format.Count(Step)} of {Format.Count(to)}, all the same so far");
    }
}
