using Lockstep.Coordinator.Runs;

namespace Lockstep.Cli.Board;

/// <summary>How the run that this process coordinates stands now, and how it went, for the board. Any thread may ask.</summary>
/// <param name="folder">Its run folder.</param>
internal sealed class LiveRun(string folder)
{
    // Beyond this many, every second one is forgotten, and only every second one from then on is kept.
    private const int MostMoments = 600;

    private readonly Lock _lock = new();
    private readonly List<BoardMoment> _moments = [];
    private int _every = 1, _skipped;
    private BoardMoment? _now;

    /// <summary>Its run folder, with its full path.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>The newest state; null before the first.</summary>
    public BoardMoment? Now
    {
        get
        {
            lock (_lock)
                return _now;
        }
    }

    /// <summary>Earlier states, evenly spread.</summary>
    public IReadOnlyList<BoardMoment> Moments
    {
        get
        {
            lock (_lock)
                return [.. _moments];
        }
    }

    /// <summary>Takes note of an event.</summary>
    public void Update(RunEvent happened)
    {
        if (happened is not RunEvent.Progress progress)
            return;
        lock (_lock)
        {
            _now = new BoardMoment(
                DateTime.UtcNow, progress.Step, progress.TrainLoss, progress.TrainAccuracy, progress.ExamplesPerSecond,
                [.. progress.Workers.Select(worker => new BoardWorker(
                    worker.Name, worker.Process, worker.Lanes, worker.Shards, worker.StepMilliseconds, worker.BytesSent,
                    worker.BytesReceived, worker.TimesLate, worker.Reissued))]);
            if (_skipped++ % _every != 0)
                return;
            _moments.Add(_now);
            if (_moments.Count <= MostMoments)
                return;
            for (int i = 0; i < _moments.Count / 2; i++)
                _moments[i] = _moments[2 * i];
            _moments.RemoveRange(_moments.Count / 2, _moments.Count - _moments.Count / 2);
            _every *= 2;
        }
    }
}
