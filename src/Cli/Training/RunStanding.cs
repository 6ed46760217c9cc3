using Lockstep.Cli.Health;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>How the run that this process coordinates stands, from its events. Any thread may ask.</summary>
/// <param name="expected">Workers that training needs to begin. With fewer it goes on, and without any it waits.</param>
internal sealed class RunStanding(int expected)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _ready = [];
    private RunPlace _place;
    private bool _hasBegun, _hasEnded, _isAlone;
    private Readiness? _standby;

    /// <summary>Run, term and step, as far as they are known.</summary>
    public RunPlace Place
    {
        get
        {
            lock (_lock)
                return _place;
        }
    }

    /// <summary>Whether it makes steps, with however many workers, or stands by for a coordinator that does.</summary>
    public Readiness Readiness
    {
        get
        {
            lock (_lock)
            {
                if (_standby is { } standby)
                    return standby;
                if (_hasEnded)
                    return new Readiness(false, "the run has ended");
                string workers = _ready.Count < expected
                    ? $"{_ready.Count} of {Format.Plural(expected, "worker")}"
                    : Format.Plural(_ready.Count, "worker");
                if (!_hasBegun)
                    return new Readiness(false, $"training has not begun: {workers} ready");
                string step = $"step {Format.Count(_place.Step ?? 0)}";
                if (_isAlone)
                    return new Readiness(true, $"training in this process until {Format.Plural(expected, "worker")} are ready, {step}");
                return _ready.Count == 0
                    ? new Readiness(false, $"waiting for a worker at {step}: all are lost")
                    : new Readiness(true, $"training with {workers}, {step}");
            }
        }
    }

    private void StandBy() => _standby = new Readiness(
        true, $"standing by for run {_place.Run}, term {_place.Term}, step {Format.Count(_place.Step ?? 0)} replicated");

    /// <summary>Takes note of an event.</summary>
    public void Update(RunEvent happened)
    {
        lock (_lock)
        {
            switch (happened)
            {
                case RunEvent.SeekingLeader seeking:
                    _standby = new Readiness(false, seeking.Reason);
                    break;
                case RunEvent.Following following:
                    _place = new RunPlace(following.RunId, following.Term, following.Step);
                    StandBy();
                    break;
                case RunEvent.Replicated replicated:
                    _place = _place with { Step = replicated.Step };
                    StandBy();
                    break;
                case RunEvent.LeaderLost lost:
                    _standby = new Readiness(false, $"the coordinator at {lost.Leader} is lost");
                    break;
                case RunEvent.Leading leading:
                    _place = new RunPlace(leading.RunId, leading.Term, leading.FirstStep);
                    _standby = null;
                    (_hasBegun, _hasEnded) = (false, false);
                    _ready.Clear();
                    break;
                case RunEvent.Yielding yielding:
                    _standby = new Readiness(false, $"the coordinator at {yielding.Leader} leads");
                    break;
                case RunEvent.WaitingForWorkers:
                    _isAlone = false;
                    break;
                case RunEvent.WorkerReady ready:
                    _ = _ready.Add(ready.Worker.Name);
                    break;
                case RunEvent.WorkerLost lost:
                    _ = _ready.Remove(lost.Worker);
                    break;
                case RunEvent.WorkerLeft left:
                    _ = _ready.Remove(left.Worker);
                    break;
                case RunEvent.TrainingStarted started:
                    (_hasBegun, _isAlone) = (true, started.Workers == 0);
                    _place = _place with { Step = started.FirstStep };
                    break;
                case RunEvent.Progress progress:
                    _place = _place with { Step = progress.Step };
                    break;
                case RunEvent.TrainingEnded ended:
                    _hasEnded = true;
                    _place = _place with { Step = ended.Step };
                    break;
            }
        }
    }
}
