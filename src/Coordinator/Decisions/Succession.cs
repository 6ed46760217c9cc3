using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Decisions;

/// <summary>What a standby asks all other nodes of a cluster for.</summary>
/// <param name="Term">The term that it would lead with.</param>
/// <param name="IsTrial">Whether it only asks if they would promise it: one that would not be elected disturbs nobody.</param>
internal readonly record struct Candidacy(int Term, bool IsTrial);

/// <summary>
/// The decisions of a standby: whether to lead in place of a coordinator that is gone, and with which term. It asks all nodes that it knows to promise it
/// a term, and leads when more than half have (<see cref="Majority"/>). A node promises each term once, so no two standbys lead with the same one, and
/// whoever led with an older one has lost most of its nodes by then.
/// Without actors, sockets or clocks.
/// </summary>
/// <param name="fence">The terms that this process itself has accepted and promised.</param>
internal sealed class Succession(TermFence fence)
{
    private readonly HashSet<string> _willing = [], _promised = [];
    private int _newest;
    private bool _isComplete;
    private Candidacy? _candidacy;

    /// <summary>The run, once its leader was followed.</summary>
    public ulong Run { get; private set; }

    /// <summary>Whether there is something to go on from: all that the leader had saved was replicated once.</summary>
    public bool CanLead => _isComplete;

    /// <summary>Nodes that have promised, this one included.</summary>
    public int Promised => 1 + _promised.Count;

    /// <summary>The term to lead with; null until this standby is elected.</summary>
    public int? Elected { get; private set; }

    /// <summary>A leader was found. False if it is not to be followed: a newer one has been accepted, or promised.</summary>
    public bool TryFollow(ulong run, int term, TimeSpan now)
    {
        if (Elected is not null || !fence.TryAccept(run, term, now))
            return false;
        if (run != Run)
            _isComplete = false; // What there is belongs to another run.
        (Run, _newest) = (run, term);
        Withdraw();
        return true;
    }

    /// <summary>All that the leader has saved so far is replicated.</summary>
    public void Complete() => _isComplete = true;

    /// <summary>The leader is gone: what to ask all others for, again and again; null for nothing.</summary>
    public Candidacy? Stand()
    {
        if (!CanLead || Elected is not null)
            return null;
        return _candidacy ??= new Candidacy(Math.Max(_newest, fence.Newest) + 1, IsTrial: true);
    }

    /// <summary>The leader is there after all.</summary>
    public void Withdraw()
    {
        _candidacy = null;
        _willing.Clear();
        _promised.Clear();
    }

    /// <summary>This node joins the cluster anew; what it was elected for went with its membership.</summary>
    public void Rejoin()
    {
        Elected = null;
        Withdraw();
    }

    /// <summary>A node answers.</summary>
    /// <param name="node">The node.</param>
    /// <param name="run">The run that was asked for.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="isPromised">Whether it promises it, or would.</param>
    /// <param name="newest">The newest term that it knows.</param>
    public void OnAnswer(string node, ulong run, Candidacy asked, bool isPromised, int newest)
    {
        if (run != Run || Elected is not null || _candidacy is not { } candidacy || candidacy.Term != asked.Term)
            return;
        if (isPromised)
            _ = (asked.IsTrial ? _willing : _promised).Add(node);
        _newest = Math.Max(_newest, newest);
        if (!isPromised && newest >= candidacy.Term)
            Withdraw(); // That term is not to be had from this node any more; the next one may be.
    }

    /// <summary>Goes on from trial to promises, and from promises to leading, once enough nodes have answered. Whether <see cref="Stand"/> has changed.</summary>
    /// <param name="others">All other nodes of the cluster, without those that are known to have ended.</param>
    /// <param name="now">The time.</param>
    public bool Advance(IReadOnlyCollection<string> others, TimeSpan now)
    {
        if (_candidacy is not { } candidacy || Elected is not null)
            return false;
        HashSet<string> answered = candidacy.IsTrial ? _willing : _promised;
        if (!Majority.Elects(1 + others.Count(answered.Contains), 1 + others.Count))
            return false;
        if (!candidacy.IsTrial)
            Elected = candidacy.Term;
        else if (fence.TryPromise(Run, candidacy.Term, hearsLeader: false, now))
            _candidacy = candidacy with { IsTrial = false };
        else
            Withdraw();
        return true;
    }
}
