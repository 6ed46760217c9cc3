using Lockstep.Shared.Cluster;

namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>What <c>WorkerActor</c> does around <c>TermFence</c>.</summary>
internal sealed class SimFollower(StandbySimulation sim, int host, string name) : SimNode(sim, host, name)
{
    private SimStream? _session;
    private SimMember? _leader;
    private int _term, _most;
    private TimeSpan _lostAt;

    public override void Start()
    {
        (_session, _leader, _most) = (null, null, 0);
        base.Start();
    }

    public void OnOffer(SimSeat seat, string id, ulong run, int term)
    {
        if (_session is not null || Id is null)
            return;
        SimMember leader = Members.FirstOrDefault(member => member.Id == id) ?? new SimMember(seat, id, 0);
        if (!Fence.TryAccept(run, term, Now) && Sim.Bug != StandbyBug.NoTermCheck)
            return;
        if (term < _most && Now - _lostAt < TermFence.Holds)
            Sim.Violate($"{Process} follows {seat.Process} of term {term}, and has followed one of term {_most}, or promised to.");
        (_leader, _term, _most) = (leader, term, Math.Max(term, _most));
        var stream = new SimStream(Sim.Network, this, seat);
        _session = stream;
        stream.NearEnded = () =>
        {
            if (_session == stream)
                Lose();
        };
        stream.Send(this, "Hello", () => seat.OnSession(stream, term));
    }

    public void OnWork(SimStream stream, SimSeat seat, int term, long step)
    {
        if (stream != _session)
            return;
        if (term != _term)
            Sim.Violate($"{Process} follows term {_term} and got work of term {term}.");
        Sim.Timeline.After(Process, Sim.Random.Next(20_000, 80_000), () =>
        {
            if (stream == _session)
                stream.Send(this, "Gradient", () => seat.OnGradient(term, step));
        });
    }

    public void OnAsk(SimSeat seat, ulong run, int term, bool isTrial)
    {
        if (Id is null)
            return;
        bool hearsLeader = _session is not null && Hears(_leader!) && Sim.Bug != StandbyBug.PromiseWhileLeaderIsHeard;
        bool isPromised = Fence.Answer(run, term, isTrial || Sim.Bug == StandbyBug.ForgetPromise, hearsLeader, Now);
        (string id, int newest) = (Id, Fence.Newest);
        Control(seat, "PromiseAnswered", () => seat.OnAnswer(id, run, term, isTrial, isPromised, newest));
        if (!isPromised || isTrial)
            return;
        (_most, _lostAt) = (Math.Max(_most, term), Now);
        if (_session is not { } session)
            return;
        if (Hears(_leader!))
            Sim.Violate($"{Process} follows {_leader!.Node.Process}, hears it, and promises {seat.Process} to follow it instead.");
        session.Send(this, "Bye", () => ((SimSeat)session.Far).OnNewerTerm(term));
        session.Close(this);
        _session = null;
        _lostAt = Now;
    }

    /// <summary>An offer of an older term, at a moment at which it follows nobody.</summary>
    public bool TryLateOffer()
    {
        if (_session is not null || !Process.IsRunning || _leader is not { } leader || Fence.Newest <= _term || Now - _lostAt >= TermFence.Holds)
            return false;
        OnOffer((SimSeat)leader.Node, leader.Id, StandbySimulation.RunNumber, _term);
        return true;
    }

    /// <summary>The process ends; its machine ends the stream.</summary>
    public void Kill()
    {
        _session?.Close(this);
        Process.IsAlive = false;
    }

    protected override void OnTick()
    {
        if (Id is null || _session is not null)
            return;
        // Those that it was told of, members or not.
        foreach (SimSeat seat in Sim.Seats)
            Control(seat, "JoinRun", () => seat.OnJoinRun(this));
    }

    private void Lose()
    {
        _session = null;
        _lostAt = Now;
        Fence.Lose(Now);
    }

    protected override void OnRemoved()
    {
        _session?.Close(this);
        if (_session is not null)
            Lose();
        _leader = null;
    }
}
