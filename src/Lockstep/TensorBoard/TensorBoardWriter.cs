using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.TensorBoard;

/// <summary>
/// Writes the event files of a run from its events, on a thread of its own. When they cannot be written, warns once, and the training goes
/// on.
/// </summary>
internal sealed class TensorBoardWriter : IDisposable
{
    private readonly RunFolder _folder;
    private readonly RunSpec _spec;
    private readonly TensorBoardOptions _options;
    private readonly Action<string> _warn;
    private readonly TimeProvider _clock;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private Exception? _failure;

    // Only the writer's thread uses them.
    private EventFile? _file;
    private long? _lastStep;

    /// <summary>Begins to write; the first file is created when the run is led.</summary>
    /// <param name="folder">The folder of the run; the caller owns it.</param>
    /// <param name="spec">The run.</param>
    /// <param name="options">What the files hold.</param>
    /// <param name="warn">Receives a sentence when they cannot be written; called by the caller's thread.</param>
    /// <param name="clock">Tells the time of each event.</param>
    public TensorBoardWriter(RunFolder folder, RunSpec spec, TensorBoardOptions options, Action<string> warn, TimeProvider clock)
    {
        (_folder, _spec, _options, _warn, _clock) = (folder, spec, options, warn, clock);
        _thread = new Thread(Run) { IsBackground = true, Name = "TensorBoard" };
        _thread.Start();
    }

    /// <summary>Takes an event; returns at once.</summary>
    /// <exception cref="Exception">What the caller's <see cref="TensorBoardOptions.Pictures"/> threw.</exception>
    public void Report(RunEvent value)
    {
        TellFailure();
        switch (value)
        {
            case RunEvent.Leading leading:
                _work.Add(() => Open(leading.FirstStep));
                break;
            case RunEvent.Following:
                _work.Add(Close);
                break;
            case RunEvent.MetricsRecorded { Metrics: var row }:
                _work.Add(() => Write(row));
                break;
            case RunEvent.CheckpointSaved saved:
                _work.Add(() => WriteModel(saved.Path));
                break;
        }
    }

    /// <summary>Writes how the run ended; returns when everything is written.</summary>
    /// <exception cref="Exception">What the caller's <see cref="TensorBoardOptions.Pictures"/> threw.</exception>
    public void End(RunResult result)
    {
        _work.Add(() => _file?.Append(result.Steps, RunValues.Of(result, _clock.GetUtcNow())));
        Dispose();
        TellFailure();
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _file?.Dispose();
    }

    private void Run()
    {
        bool hasFailed = false;
        foreach (Action write in _work.GetConsumingEnumerable().Where(_ => !hasFailed))
        {
            try
            {
                write();
            }
            catch (Exception e)
            {
                // Told by the thread that reports: callbacks run one at a time. Behind half a record nothing can be read.
                hasFailed = true;
                Volatile.Write(ref _failure, e);
            }
        }
    }

    private void TellFailure()
    {
        if (Interlocked.Exchange(ref _failure, null) is not { } failure)
            return;
        if (failure is not (IOException or UnauthorizedAccessException))
            ExceptionDispatchInfo.Throw(failure);
        _warn($"the files for TensorBoard end here, they cannot be written: {failure.Message}");
    }

    private void Open(long firstStep)
    {
        Close();
        // Files of this run have all that is older. Where there are none, another coordinator led it, or it was not asked for them.
        _lastStep ??= EventFile.Exists(_folder.TensorBoardDirectory) ? firstStep : 0;
        _file = EventFile.Create(_folder.TensorBoardDirectory, firstStep + 1, _clock);
        _file.Append(0, RunValues.Of(_spec, _clock.GetUtcNow()));
        long written = _lastStep.Value;
        foreach (MetricsRow row in MetricsFile.ReadUpTo(_folder.MetricsFile, firstStep).Where(row => row.Step > written))
            Write(row);
        _lastStep = firstStep;
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Write(MetricsRow row)
    {
        _file?.Append(row.Step, RunValues.Of(row));
        _lastStep = row.Step;
    }

    private void WriteModel(string path)
    {
        TrainedModel model;
        try
        {
            model = TrainedModel.Load(path);
        }
        catch (CheckpointException)
        {
            return; // Newer ones have replaced it, or its weights diverged.
        }

        _file?.Append(model.Step, RunValues.Of(model).Concat(_options.Pictures(model).Select(RunValues.Of)));
    }
}
