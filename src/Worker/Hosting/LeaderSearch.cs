using Lockstep.Shared.Messages;
using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Hosting;

/// <summary>What a worker is to do because <see cref="LeaderSearch"/> has decided it.</summary>
internal abstract record WorkerEffect
{
    /// <summary>Ask these coordinators who leads.</summary>
    public sealed record Ask(IReadOnlyList<string> Places) : WorkerEffect;

    /// <summary>Join the cluster of this coordinator.</summary>
    public sealed record Join(string Leader) : WorkerEffect;

    /// <summary>As a member, ask the leader to take part.</summary>
    public sealed record AskToJoin(string Leader) : WorkerEffect;

    /// <summary>Open the stream.</summary>
    public sealed record Open(RunOffered Offer) : WorkerEffect;

    /// <summary>Have the session finish what it is asked, then leave.</summary>
    public sealed record Drain : WorkerEffect;

    /// <summary>This membership is over.</summary>
    public sealed record End(WorkerResult Result) : WorkerEffect;
}

/// <summary>
/// Whom a worker follows: the decisions of one membership of a cluster. It asks all coordinators that it knows who leads, joins the cluster of the one
/// that is furthest, and follows it for as long as it hears it: what others say means nothing then. When it hears it no more, it asks the others, and ends
/// this membership if one of them leads. The first end that there is, is the membership's.
/// Without actors, sockets or clocks: the caller gives the time and carries out the effects.
/// </summary>
/// <param name="known">All coordinators that are known, as HOST:PORT; leaders that others name are added.</param>
/// <param name="places">The coordinators as the user gave them, for people.</param>
internal sealed class LeaderSearch(ISet<string> known, string places = "")
{
    /// <summary>How a worker ends that was asked to.</summary>
    public static readonly WorkerResult Stopped = new(WorkerOutcome.Completed, "This worker was asked to stop.");

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(250), AskToJoinAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>How long others are waited for once one leads.</summary>
    private static readonly TimeSpan Compare = TimeSpan.FromMilliseconds(100);

    /// <summary>A leader that says nothing for so long, before it has let this worker in, is given up.</summary>
    private static readonly TimeSpan LeaderSilence = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, LeaderFound> _answers = [];
    private TimeSpan _askAt, _askToJoinAt, _leaderHeard;
    private TimeSpan? _foundAt;
    private bool _isMember, _isOpen, _isDraining, _hasEnded;

    /// <summary>The coordinator that is followed, as HOST:PORT; null while there is none.</summary>
    public string? Leader { get; private set; }

    /// <summary>Time has passed.</summary>
    /// <param name="hearsLeader">Whether the leader is heard, once its cluster was joined.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<WorkerEffect> Tick(bool hearsLeader, TimeSpan now)
    {
        if (_hasEnded)
            return [];
        var effects = new List<WorkerEffect>();
        if (_foundAt is { } found && Leader is null && now - found >= Compare)
            effects.AddRange(Choose(now));
        if (Leader is not null && !_isOpen && now - _leaderHeard > LeaderSilence)
            return End($"The coordinator at {Leader} is lost before it has let this worker in.");
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

    /// <summary>A coordinator answers.</summary>
    /// <param name="from">The coordinator, as HOST:PORT.</param>
    /// <param name="answer">What it says.</param>
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
            // One that has led may say meanwhile that it leads no more.
            _foundAt = _answers.Values.Any(other => other.IsLeading) ? _foundAt ?? now : null;
            return _foundAt is not null && _answers.Count >= known.Count ? Choose(now) : Tick(hearsLeader, now);
        }

        if (from == Leader)
        {
            _leaderHeard = now;
            return _isOpen || answer.IsLeading ? [] : End($"The coordinator at {Leader} does not lead any more.");
        }

        return _isOpen && !hearsLeader && answer.IsLeading ? End($"The coordinator at {Leader} is not heard, and the one at {from} leads.") : [];
    }

    /// <summary>This node is a member of the leader's cluster.</summary>
    public IReadOnlyList<WorkerEffect> Joined(TimeSpan now)
    {
        _isMember = true;
        return Tick(hearsLeader: true, now);
    }

    /// <summary>The leader lets this worker in.</summary>
    public IReadOnlyList<WorkerEffect> Offered(RunOffered offer)
    {
        if (_hasEnded || _isOpen || !_isMember)
            return [];
        _isOpen = true;
        return [new WorkerEffect.Open(offer)];
    }

    /// <summary>A coordinator does not let this worker in.</summary>
    public IReadOnlyList<WorkerEffect> Refused(string reason) =>
        _isOpen ? [] : End(new WorkerResult(WorkerOutcome.Refused, $"The coordinator refused this worker: {reason}"));

    /// <summary>A coordinator says that the run is over.</summary>
    /// <param name="reason">What it says.</param>
    /// <param name="hearsLeader">As in <see cref="Tick"/>.</param>
    public IReadOnlyList<WorkerEffect> RunIsOver(string reason, bool hearsLeader) =>
        _isOpen && hearsLeader ? [] : End(new WorkerResult(WorkerOutcome.Completed, reason));

    /// <summary>No coordinator has let this worker in for too long.</summary>
    /// <param name="timeout">How long, for people.</param>
    public IReadOnlyList<WorkerEffect> TimedOut(TimeSpan timeout) => _isOpen ? [] : End(new WorkerResult(
        WorkerOutcome.CoordinatorLost, $"No coordinator answered at {places} within {timeout.TotalSeconds:0} s. Is it running, and is the port right and open?"));

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

    private WorkerEffect[] End(string message) => End(new WorkerResult(_isOpen ? WorkerOutcome.Disconnected : WorkerOutcome.CoordinatorLost, message));

    private WorkerEffect[] End(WorkerResult result)
    {
        if (_hasEnded)
            return [];
        _hasEnded = true;
        return [new WorkerEffect.End(_isDraining ? Stopped : result)];
    }
}
