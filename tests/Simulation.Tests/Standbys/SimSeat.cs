using Lockstep.Coordinator.Decisions;
using Lockstep.Shared.Checkpoints;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>A coordinator: what <c>StandbyActor</c> does around <see cref="Succession"/> while it stands by, and what matters of <c>CoordinatorActor</c> when it leads.</summary>
internal sealed class SimSeat(StandbySimulation sim, int host, string name) : SimNode(sim, host, name)
{
    private const int TicksPerAsk = 5, TicksPerRank = 3, WorkerTimeoutTicks = 120, TicksToLookAround = 20;

    private readonly List<SimStream> _workers = [];
    private readonly List<SimStream> _standbys = [];
    private readonly HashSet<SimStream> _sending = [];
    private Succession _succession = null!;
    private SimStream? _source;
    private SimMember? _leader;
    private string? _gone;
    private byte[] _pieces = [];
    private int _ticks, _missedTicks, _followedTerm, _replicated, _lackingTicks;
    private bool _handsOver;

    /// <summary>The term that it leads with; 0 while it stands by.</summary>
    public int Term { get; private set; }

    public ulong Run { get; private set; }

    public long Step { get; private set; }

    public bool IsLeading => Term > 0 && Process.IsAlive;

    /// <summary>Whether it could lead, or does.</summary>
    public bool HasRun => Process.IsAlive && (Term > 0 || _succession.CanLead);

    /// <summary>The newest checkpoint in its folder; a process that is started again is given another folder.</summary>
    public (long Step, byte[] Bytes)? Saved { get; private set; }

    public override void Start()
    {
        (Term, _source, _leader, _gone, _handsOver, Saved) = (0, null, null, null, false, null);
        _missedTicks = -TicksToLookAround;
        _workers.Clear();
        _standbys.Clear();
        _sending.Clear();
        base.Start();
        _succession = new Succession(Fence);
    }

    /// <summary>The process ends; its machine ends the streams, unless it is off.</summary>
    public void Die(bool tellsPeers)
    {
        if (tellsPeers)
        {
            foreach (SimStream stream in _workers.Concat(_standbys).ToList())
                stream.Close(this);
            _source?.Close(this);
        }

        Process.IsAlive = false;
    }

    // Leading

    public void Lead(ulong run, int term)
    {
        (Run, Term, Step) = (run, term, 0);
        if (Saved is { } saved)
            Resume(saved.Step, saved.Bytes);
        Sim.OnLeads(this);
        BeginStep();
    }

    public void Stop()
    {
        if (_standbys.Count == 0)
            return;
        _handsOver = true;
        Save();
        foreach (SimStream worker in _workers.ToList())
            worker.Close(this);
        _workers.Clear();
        Sim.Timeline.After(Process, 400 * Timeline.Millisecond, () => Die(tellsPeers: true));
    }

    public void OnJoinRun(SimFollower worker)
    {
        if (!IsLeading || _handsOver || Members.All(member => member.Node != worker))
            return;
        (string id, ulong run, int term) = (Id!, Run, Term);
        Control(worker, "RunOffered", () => worker.OnOffer(this, id, run, term));
    }

    public void OnSession(SimStream stream, int term)
    {
        if (!IsLeading || _handsOver || term != Term)
        {
            stream.Close(this);
            return;
        }

        _workers.Add(stream);
        stream.FarEnded = () => _workers.Remove(stream);
        if (!Sim.HasBegun)
            Sim.BeginWhenReady(this, _workers.Count, _replicated);
        else if (_workers.Count == 1)
            BeginStep();
    }

    /// <summary>The first leader begins when all are there.</summary>
    public void Begin() => BeginStep();

    public void OnGradient(int term, long step)
    {
        if (!IsLeading || term != Term || step != Step || _handsOver)
            return;
        Step++;
        Sim.OnStep(this);
        if (Step % TinyRun.CheckpointEvery == 0 || Step == TinyRun.Steps)
            Save();
        if (Step == TinyRun.Steps)
            Sim.Complete();
        else
            BeginStep();
    }

    public void OnNewerTerm(int term)
    {
        if (!IsLeading || term <= Term)
            return;
        Sim.Timeline.Note($"{Process} hears of term {term}, and ends");
        Die(tellsPeers: true);
        Sim.RestartLater(this);
    }

    public void OnStandBy(SimSeat standby)
    {
        if (!IsLeading || _handsOver || Members.All(member => member.Node != standby) || _standbys.Any(stream => stream.Near == standby))
            return;
        (string id, ulong run, int term) = (Id!, Run, Term);
        Control(standby, "RunOffered", () => standby.OnOffer(this, id, run, term));
    }

    public void OnReplica(SimStream stream)
    {
        if (!IsLeading || _handsOver)
        {
            stream.Close(this);
            return;
        }

        _standbys.Add(stream);
        stream.FarEnded = () => _standbys.Remove(stream);
        Send(stream);
    }

    private void WaitForWorkers()
    {
        _lackingTicks = _workers.Count > 0 || _handsOver || !Process.IsAlive || Step == TinyRun.Steps ? 0 : _lackingTicks + 1;
        if (_lackingTicks < WorkerTimeoutTicks)
            return;
        Sim.Timeline.Note($"{Process} has waited for workers for too long, and ends");
        _lackingTicks = 0;
        Die(tellsPeers: true);
        Sim.RestartLater(this);
    }

    private void OnReplicated()
    {
        _replicated++;
        if (!Sim.HasBegun)
            Sim.BeginWhenReady(this, _workers.Count, _replicated);
    }

    private void BeginStep()
    {
        if (_workers.Count == 0 || !Sim.HasBegun || Step == TinyRun.Steps)
            return;
        (SimStream stream, int term, long step) = (_workers[Sim.Random.Next(_workers.Count)], Term, Step);
        stream.Send(this, "Weights", () => ((SimFollower)stream.Near).OnWork(stream, this, term, step));
        // What is late is asked of somebody else.
        Sim.Timeline.After(Process, 300 * Timeline.Millisecond, () =>
        {
            if (IsLeading && !_handsOver && step == Step && term == Term)
                BeginStep();
        });
    }

    private void Save()
    {
        Saved = (Step, CheckpointOf(Step));
        foreach (SimStream standby in _standbys)
            Send(standby);
    }

    private byte[] CheckpointOf(long step) => CheckpointCodec.Encode(new Checkpoint
    {
        RunId = Run.ToString("x16"),
        Term = Term,
        Spec = TinyRun.Spec,
        Step = step,
        Parameters = CheckpointTensors.CopyFrom(TinyRun.Layout, TinyRun.Weights(step)),
        Velocities = CheckpointTensors.CopyFrom(TinyRun.Layout, TinyRun.Velocity(step)),
        Unreported = TinyRun.Unreported(step),
        WeightsSha256 = Lockstep.Model.Training.WeightsDigest.Sha256(TinyRun.Layout, TinyRun.Weights(step)),
    });

    /// <summary>Sends the newest checkpoint, piece by piece; one that is saved meanwhile goes next.</summary>
    private void Send(SimStream standby)
    {
        if (!_sending.Add(standby))
            return;
        var near = (SimSeat)standby.Near;
        (long Step, byte[] Bytes) saved = Saved ?? (0, []);
        int half = saved.Bytes.Length / 2;
        if (saved.Bytes.Length > 0)
            standby.Send(this, "Replica", () => near.OnPiece(standby, saved.Bytes[..half], saved.Step));
        Sim.Timeline.After(Process, Sim.Random.Next(1_000, 30_000), () =>
        {
            if (saved.Bytes.Length > 0)
                standby.Send(this, "Replica", () => near.OnPiece(standby, saved.Bytes[half..], saved.Step));
            standby.Send(this, "ReplicaWhole", () => near.OnWhole(standby, saved.Step));
            _sending.Remove(standby);
            if (Saved is { } newest && newest.Step > saved.Step)
            {
                Send(standby);
            }
            else if (_handsOver)
            {
                standby.Send(this, "Bye", () => near.OnHandedOver(standby));
                standby.Close(this);
            }
        });
    }

    // Standing by

    public void OnOffer(SimSeat seat, string id, ulong run, int term)
    {
        if (Term > 0 || _source is not null || Members.FirstOrDefault(member => member.Id == id) is not { } leader || !_succession.TryFollow(run, term, Now))
            return;
        (_leader, _gone, _pieces, _followedTerm) = (leader, null, [], term);
        var stream = new SimStream(Sim.Network, this, seat);
        _source = stream;
        stream.NearEnded = () =>
        {
            if (_source == stream)
                _source = null;
            Fence.Lose(Now);
        };
        stream.Send(this, "Hello", () => seat.OnReplica(stream));
    }

    public void OnPiece(SimStream stream, byte[] piece, long step)
    {
        if (stream != _source)
            return;
        _pieces = [.. _pieces, .. piece];
        if (Sim.Bug != StandbyBug.ResumeFromPart)
            return;
        Saved = (step, _pieces);
        _succession.Complete();
    }

    public void OnWhole(SimStream stream, long step)
    {
        if (stream != _source)
            return;
        if (_pieces.Length > 0)
            Saved = (step, _pieces);
        _pieces = [];
        _succession.Complete();
        stream.Send(this, "Replicated", () => ((SimSeat)stream.Far).OnReplicated());
    }

    public void OnHandedOver(SimStream stream)
    {
        if (stream != _source)
            return;
        (_source, _gone) = (null, _leader!.Id);
    }

    public void OnAsk(SimSeat seat, ulong run, int term, bool isTrial)
    {
        if (Id is null || Term > 0)
            return;
        bool hearsLeader = _succession.Elected is not null || (_source is not null && Hears(_leader!) && Sim.Bug != StandbyBug.PromiseWhileLeaderIsHeard);
        bool isPromised = Fence.Answer(run, term, isTrial || Sim.Bug == StandbyBug.ForgetPromise, hearsLeader, Now);
        (string id, int newest) = (Id, Fence.Newest);
        Control(seat, "PromiseAnswered", () => seat.OnAnswer(id, run, term, isTrial, isPromised, newest));
        if (!isPromised || isTrial)
            return;
        _succession.Withdraw();
        if (_source is not { } source)
            return;
        source.Send(this, "Bye", () => ((SimSeat)source.Far).OnNewerTerm(term));
        source.Close(this);
        _source = null;
    }

    public void OnAnswer(string node, ulong run, int term, bool isTrial, bool isPromised, int newest)
    {
        if (Term > 0 || Id is null)
            return;
        _succession.OnAnswer(node, run, new Candidacy(term, isTrial), isPromised, newest);
        Advance();
    }

    protected override void OnTick()
    {
        _ticks++;
        if (Term > 0)
            WaitForWorkers();
        if (Term > 0 || Id is null)
            return;
        if (_source is not null)
        {
            if (!Hears(_leader!))
            {
                _source.Close(this);
                _source = null;
            }

            return;
        }

        // Its machine refuses connections.
        if (_leader is { } ended && !ended.Node.Process.IsAlive && Sim.IsMachineOn(ended.Node) && Sim.Network.IsOpenBothWays(Host, ended.Node.Host))
            _gone = ended.Id;
        SimMember[] others = [.. Coordinators.Where(member => member.Id != Id && member.Id != _gone)];
        if (_ticks % TicksPerAsk == 0)
        {
            foreach (SimMember other in others)
                Control(other.Node, "StandBy", () => ((SimSeat)other.Node).OnStandBy(this));
        }

        if (others.FirstOrDefault(member => member.Id == _leader?.Id) is { } leader && Hears(leader))
        {
            _missedTicks = 0;
            _succession.Withdraw();
        }
        else if (_missedTicks++ >= TicksPerRank * others.Count(member => member.Age < Members.First(own => own.Id == Id).Age && Hears(member)))
        {
            Stand();
        }
    }

    protected override void OnRemoved()
    {
        _source?.Close(this);
        (_source, _gone) = (null, null);
        if (Term > 0)
        {
            Die(tellsPeers: true);
            Sim.RestartLater(this);
            return;
        }

        _succession.Rejoin();
        _missedTicks = -TicksToLookAround;
    }

    private void Stand()
    {
        if (Sim.Bug == StandbyBug.LeadWithNothing && _succession.Run != 0)
            _succession.Complete();
        if (_succession.Stand() is not { } candidacy)
            return;
        if (Sim.Bug == StandbyBug.LeadWithoutMajority)
        {
            Lead(candidacy.Term);
            return;
        }

        foreach (SimMember member in Others.Where(member => member.Id != _gone))
        {
            ulong run = _succession.Run;
            Control(member.Node, "AskPromise", () => (member.Node switch
            {
                SimSeat seat => (Action<SimSeat, ulong, int, bool>)seat.OnAsk,
                SimFollower worker => worker.OnAsk,
                _ => throw new InvalidOperationException(),
            })(this, run, candidacy.Term, candidacy.IsTrial));
        }

        Advance();
    }

    private void Advance()
    {
        if (!_succession.Advance([.. Others.Where(member => member.Id != _gone).Select(member => member.Id)], Now))
            return;
        if (_succession.Elected is not { } term)
            Stand();
        else
            Lead(Sim.Bug == StandbyBug.KeepTerm ? _followedTerm : term);
    }

    private void Lead(int term)
    {
        Sim.OnElected(this, term, _gone);
        int age = Members.First(own => own.Id == Id).Age;
        foreach (SimMember member in Members.Where(member => member.Id == _gone || !Hears(member) || (member.IsCoordinator && member.Age < age)).ToList())
            Remove(member.Id);
        Lead(_succession.Run, term);
    }

    private void Resume(long step, byte[] bytes)
    {
        try
        {
            Checkpoint checkpoint = CheckpointCodec.Decode(bytes, "replica");
            float[] weights = new float[TinyRun.Layout.Length];
            CheckpointTensors.CopyTo(checkpoint.Parameters, TinyRun.Layout, weights);
            if (checkpoint.Step != step || !weights.AsSpan().SequenceEqual(TinyRun.Weights(step)))
                Sim.Violate($"{Process} resumes from step {step} with other weights than the fault-free run.");
            Step = checkpoint.Step;
        }
        catch (CheckpointException e)
        {
            Sim.Violate($"{Process} resumes from a checkpoint that is none: {e.Message}");
        }
    }
}
