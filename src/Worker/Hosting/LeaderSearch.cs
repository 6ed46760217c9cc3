using Lockstep.Shared.Messages;
using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Hosting;

/// <summary>An effect that the caller of <see cref="LeaderSearch"/> carries out.</summary>
internal abstract record WorkerEffect
{
    /// <summary>Ask these coordinators who leads.</summary>
    public sealed record Ask(IReadOnlyList<string> Places) : WorkerEffect;

    /// <summary>Join the cluster of this coordinator.</summary>
    public sealed record Join(string Leader) : WorkerEffect;

    /// <summary>Ask the leader to take part, as a member of its cluster.</summary>
    public sealed record AskToJoin(string Leader) : WorkerEffect;

    /// <summary>Open the stream.</summary>
    public sealed record Open(RunOffered Offer) : WorkerEffect;

    /// <summary>Let the session answer what it owes, then leave.</summary>
    public sealed record Drain : WorkerEffect;

    /// <summary>End this membership.</summary>
    public sealed record End(WorkerResult Result) : WorkerEffect;
}

/// <summary>
/// Decides which coordinator a worker follows, during one cluster membership. It asks all known coordinators who leads, joins the cluster
/// of the furthest leader and follows it while it hears it, ignoring the others. When it no longer hears the leader, it asks the others and
/// ends the membership if one of them leads. The first end of the membership wins.
/// Has no actors, sockets or clocks: the caller gives the time and carries out the effects.
/// </summary>
/// <param name="known">All known coordinators, as HOST:PORT; grows by leaders that others name.</param>
/// <param name="places">The coordinators as the user gave them, for messages.</param>
internal sealed class LeaderSearch(ISet<string> known, string places = "")
{
    /// <summary>Result of a worker that was asked to stop.</summary>
    public static readonly WorkerResult Stopped = new(WorkerOutcome.Completed, "This worker was asked to stop.");

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(250), AskToJoinAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for other answers after the first leader has answered.</summary>
    private static readonly TimeSpan Compare = TimeSpan.FromMilliseconds(100);

    /// <summary>A leader that is silent for this long before it has admitted this worker is given up.</summary>
    private static readonly TimeSpan LeaderSilence = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, LeaderFound> _answers = [];
    private TimeSpan _askAt, _askToJoinAt, _leaderHeard;
    private TimeSpan? _foundAt;
    private bool _isMember, _isOpen, _isDraining, _hasEnded;

    /// <summary>The followed coordinator, as HOST:PORT; null for none.</summary>
    public string? Leader { get; private set; }

    /// <summary>Advances the time.</summary>
    /// <param name="hearsLeader">Whether the leader is heard, after joining its cluster.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<WorkerEffect> Tick(bool hearsLeader, TimeSpan now)
    {
        if (_hasEnded)
            return [];
        var effects = new List<WorkerEffect>();
        if (_foundAt is { } found && Leader is null && now - found >= Compare)
            effects.AddRange(Choose(now));
        if (Leader is not null && !_isOpen && now - _leaderHeard > LeaderSilence)
            return End($"The coordinator at {Leader} was lost before it admitted this worker.");
        if ((!_isOpen || !hearsLeader) && now >= _askAt)
        {
            _askAt = now + AskAgainAfter;
            effects.Add(new WorkerEffect.Ask([.. known.Where(place => !_isOpen || place != Leader)]));
        }

        if (_isMember && !_isOpen && now >= _askToJoinAt)
        {
            _askToJoinAt = now + AskToJoinAgainAfter;
            effects.Add(new WorkerEffect.AskToJoin(Leader!));
        }

        return effects;
    }

    /// <summary>Handles a coordinator's answer.</summary>
    /// <param name="from">The coordinator, as HOST:PORT.</param>
    /// <param name="answer">Its answer.</param>
    /// <param name="hearsLeader">As in <see cref="Tick"/>.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<WorkerEffect> Found(string from, LeaderFound answer, bool hearsLeader, TimeSpan now)
    {
        if (_hasEnded)
            return [];
        if (answer.Leader.Length > 0 && known.Add(answer.Leader))
            _askAt = now;
        _answers[from] = answer;
        if (Leader is null)
        {
            // A coordinator that has led may answer meanwhile that it no longer leads.
            _foundAt = _answers.Values.Any(other => other.IsLeading) ? _foundAt ?? now : null;
            return _foundAt is not null && _answers.Count >= known.Count ? Choose(now) : Tick(hearsLeader, now);
        }

        if (from == Leader)
        {
            _leaderHeard = now;
            return _isOpen || answer.IsLeading ? [] : End($"The coordinator at {Leader} no longer leads.");
        }

        return _isOpen && !hearsLeader && answer.IsLeading
            ? End($"The coordinator at {Leader} is not heard, and the one at {from} leads.")
            : [];
    }

    /// <summary>This node is now a member of the leader's cluster.</summary>
    public IReadOnlyList<WorkerEffect> Joined(TimeSpan now)
    {
        _isMember = true;
        return Tick(hearsLeader: true, now);
    }

    /// <summary>The leader admits this worker.</summary>
    public IReadOnlyList<WorkerEffect> Offered(RunOffered offer)
    {
        if (_hasEnded || _isOpen || !_isMember)
            return [];
        _isOpen = true;
        return [new WorkerEffect.Open(offer)];
    }

    /// <summary>A coordinator refuses this worker.</summary>
    public IReadOnlyList<WorkerEffect> Refused(string reason) =>
        _isOpen ? [] : End(new WorkerResult(WorkerOutcome.Refused, $"The coordinator refused this worker: {reason}"));

    /// <summary>A coordinator says that the run is over.</summary>
    /// <param name="reason">Its message.</param>
    /// <param name="hearsLeader">As in <see cref="Tick"/>.</param>
    public IReadOnlyList<WorkerEffect> RunIsOver(string reason, bool hearsLeader) =>
        _isOpen && hearsLeader ? [] : End(new WorkerResult(WorkerOutcome.Completed, reason));

    /// <summary>No coordinator has admitted this worker in time.</summary>
    /// <param name="timeout">The time limit, for the message.</param>
    public IReadOnlyList<WorkerEffect> TimedOut(TimeSpan timeout) => _isOpen ? [] : End(new WorkerResult(
        WorkerOutcome.CoordinatorLost,
        $"No coordinator answered at {places} within {timeout.TotalSeconds:0} s. Is it running, and is the port right and open?"));

    /// <summary>The worker is asked to leave.</summary>
    public IReadOnlyList<WorkerEffect> Drain()
    {
        _isDraining = true;
        return _isOpen && !_hasEnded ? [new WorkerEffect.Drain()] : End(Stopped);
    }

    /// <summary>The session has ended.</summary>
    public IReadOnlyList<WorkerEffect> SessionEnded(WorkerResult result) => End(result);

    /// <summary>The cluster has removed this node.</summary>
    public IReadOnlyList<WorkerEffect> Removed() => End(new WorkerResult(
        WorkerOutcome.Disconnected,
        $"The cluster removed this worker: for some seconds it and the coordinator at {Leader ?? places} did not hear each other."));

    private WorkerEffect[] Choose(TimeSpan now)
    {
        (string place, LeaderFound _) = _answers.Where(answer => answer.Value.IsLeading)
            .Select(answer => (answer.Key, answer.Value)).MaxBy(answer => (answer.Value.Step, answer.Value.Workers, answer.Value.Term));
        Leader = place;
        _leaderHeard = now;
        return [new WorkerEffect.Join(place)];
    }

    private WorkerEffect[] End(string message) =>
        End(new WorkerResult(_isOpen ? WorkerOutcome.Disconnected : WorkerOutcome.CoordinatorLost, message));

    private WorkerEffect[] End(WorkerResult result)
    {
        if (_hasEnded)
            return [];
        _hasEnded = true;
        return [new WorkerEffect.End(_isDraining ? Stopped : result)];
    }
}
