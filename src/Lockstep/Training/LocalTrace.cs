using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Training;

/// <summary>The trace of a run in this process. When it cannot be written, warns once, and the training goes on.</summary>
internal sealed class LocalTrace : IDisposable
{
    private const int StepsAtOnce = 64;

    private readonly TraceWriter? _writer;
    private readonly Action<RunEvent> _tell;
    private readonly List<TracedStep> _steps = [];
    private bool _isLost;

    private LocalTrace(TraceWriter? writer, Action<RunEvent> tell) => (_writer, _tell) = (writer, tell);

    /// <summary>Opens it to continue after the steps that the trainer has taken.</summary>
    public static LocalTrace Open(string path, RunSpec spec, LocalTrainer trainer, Action<RunEvent> tell)
    {
        try
        {
            var start = new TraceStart(trainer.CompletedSteps, WeightsHash.Of(trainer.Weights), HashOf(trainer));
            var writer = TraceWriter.Open(path, TraceChain.HashOf(spec), start, out string? notice);
            if (notice is not null)
                tell(new RunEvent.Warning(notice));
            return new LocalTrace(writer, tell);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tell(new RunEvent.Warning($"The trace cannot be written: {e.Message}"));
            return new LocalTrace(null, tell);
        }
    }

    /// <summary>Adds the step that the trainer took last.</summary>
    public void Add(LocalTrainer trainer)
    {
        if (_writer is null || _isLost)
            return;
        _steps.Add(new TracedStep(trainer.CompletedSteps, HashOf(trainer)));
        if (_steps.Count >= StepsAtOnce)
            Append(flushToDisk: false);
    }

    /// <summary>Returns when all steps are on the disk. Their checkpoint must not be there before.</summary>
    public void Flush() => Append(flushToDisk: true);

    public void Dispose()
    {
        Append(flushToDisk: false);
        _writer?.Dispose();
    }

    private static Hash128 HashOf(LocalTrainer trainer) => WeightsHash.Of(trainer.Weights[..trainer.Layout.TrainableLength]);

    private void Append(bool flushToDisk)
    {
        if (_writer is null || _isLost)
            return;
        try
        {
            _writer.Append(_steps, flushToDisk);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            _isLost = true;
            _tell(new RunEvent.Warning($"The trace ends after step {(_steps.Count > 0 ? _steps[0].Step - 1 : 0)}: {e.Message}"));
        }

        _steps.Clear();
    }
}
