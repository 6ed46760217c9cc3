using System.Net;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>
/// A coordinator's host, and its process: started again after each end, by the same command with the same folder, as a supervisor does.
/// Pumps messages and time into the product's roles, and carries out what they ask for.
/// </summary>
internal sealed class SimCoordinator
{
    public const int StreamPort = 4001;

    private const string SummaryFile = "summary.json";

    private readonly Simulation _sim;
    private SimMailbox _toLeadership = null!;
    private LeadershipRole _role = null!;
    private StreamTokens _tokens = null!;
    private StreamGreetings _greetings = null!;
    private Resumption _resumption = null!;
    private SimDialer?[] _dialers = [];
    private int _starts;
    private bool _isStartPlanned;

    public SimCoordinator(Simulation sim, int host)
    {
        (_sim, Host) = (sim, host);
        Disk = new VirtualDisk(sim.Random.Fork());
    }

    public int Host { get; }

    /// <summary>HOST:PORT, as workers and peers know it.</summary>
    public string Name => $"c{Host}:4000";

    public VirtualDisk Disk { get; }

    public SimProcess Process { get; private set; } = new("coordinator") { IsAlive = false };

    public VirtualClock Clock { get; private set; } = null!;

    public TrainingOptions Options { get; private set; } = null!;

    public PeerServer Server { get; private set; } = null!;

    /// <summary>The cluster whose middle this process is.</summary>
    public SimCluster Cluster { get; private set; } = null!;

    /// <summary>The leadership under way; null while it leads none.</summary>
    public SimTerm? Term { get; private set; }

    /// <summary>The run is complete, as this coordinator has said.</summary>
    public bool IsDone { get; private set; }

    /// <summary>What it last told people that it does or waits for.</summary>
    public RunEvent? LastSaid { get; private set; }

    /// <summary>Since when it does what it does.</summary>
    public long RoleSince { get; private set; }

    /// <summary>Since when it is to end its training for a leader that is further; null when it is not.</summary>
    public long? YieldsSince { get; private set; }

    public PeerRole Role => _role.Role;

    /// <summary>Newest checkpoint that was reported to be on this disk.</summary>
    public long LastSaved { get; private set; }

    /// <summary>Times by which the disk is slower than it could be.</summary>
    public int DiskSlowness { get; set; } = 1;

    public Simulation Sim => _sim;

    public void StartLater(long delay)
    {
        if (_isStartPlanned || IsDone)
            return;
        _isStartPlanned = true;
        _sim.Timeline.After(_sim.Outside, delay, () =>
        {
            _isStartPlanned = false;
            Start();
        });
    }

    /// <summary>The process dies, and its supervisor starts it again.</summary>
    public void Kill()
    {
        End();
        StartLater(_sim.Random.Next(1, 1_500) * Timeline.Millisecond);
    }

    /// <summary>The machine loses its power, and starts again.</summary>
    public void LosePower()
    {
        _sim.Network.PowerOff(Host, Process);
        Term?.Abandon();
        Term = null;
        foreach (SimWorker worker in _sim.Workers.Where(worker => worker.Host == Host))
            worker.OnPowerLost();
        Disk.LosePower();
        long delay = _sim.Random.Next(1, 1_500) * Timeline.Millisecond;
        _sim.Timeline.After(_sim.Outside, delay, () => _sim.Network.PowerOn(Host));
        StartLater(delay + 1);
    }

    /// <summary>SIGTERM.</summary>
    public void Leave() => Tell(new StopRun());

    public void Tell(object message) => _toLeadership.Tell(message);

    private TimeSpan Now => Clock.Elapsed;

    private void Start()
    {
        if (Process.IsAlive || IsDone)
            return;
        Process = new SimProcess($"coordinator {Host}.{++_starts}");
        _sim.Checks.Disk(this);
        _sim.Statistics.CoordinatorStarts++;
        LoadedCheckpoint? resumed = Resume();
        if (resumed?.Checkpoint.Step >= TinyRun.Steps && Disk.Exists(SummaryFile))
        {
            IsDone = true;
            Process.IsAlive = false;
            return;
        }

        Clock = new VirtualClock(_sim.Timeline, Process);
        Options = _sim.Training.Options with
        {
            ResumeFrom = resumed?.Checkpoint,
            KeepBest = _sim.KeepsBest ? TinyRun.BestMetric : null,
            Peers = _sim.Coordinators.Count == 1 ? [] : [.. _sim.Coordinators.Select(peer => new DnsEndPoint($"c{peer.Host}", 4000))],
            Transport = _sim.Workers.Any(worker => worker.Host == Host) ? Transport.Automatic : _sim.Transport,
            SliceRows = _sim.SliceRows,
        };
        _resumption = new Resumption(Options, Disk);
        _tokens = new StreamTokens(Clock);
        _greetings = new StreamGreetings(_tokens);
        LeadershipTimes times = PeerList.Loopback;
        Server = new PeerServer(times.Silence / 5);
        Cluster = new SimCluster(this);
        _toLeadership = NewMailbox(message => Receive(message));
        _dialers = [.. _sim.Coordinators.Select(peer => peer == this ? null : new SimDialer(this, peer, times.Silence))];
        string[] names = [.. _sim.Coordinators.Select(peer => peer.Name)];
        var decisions = new Leadership(Host, names, TraceChain.HashOf(Options.Spec), times, _resumption.Own, Now);
        _role = new LeadershipRole(
            decisions, new LeadershipPorts(Server, (peer, follows) => _dialers[peer]!.Follow(follows), Do, new Watcher(this)));
        (LastSaid, RoleSince, YieldsSince) = (null, _sim.Timeline.Now, null);
        _sim.Network.Listen(Host, StreamPort, Process, OnConnected);
        foreach (SimDialer? dialer in _dialers)
            dialer?.Dial();
        if (names.Length > 1)
            Every(LeadershipTick.Every, () => Receive(LeadershipTick.Instance));
        _role.Start(Now);
    }

    /// <summary>As the command does: the newest checkpoint of the folder.</summary>
    private LoadedCheckpoint? Resume()
    {
        LoadedCheckpoint? loaded = null;
        try
        {
            loaded = new CheckpointStore(_sim.Training.Options.CheckpointDirectory, Disk).LoadNewest();
            _sim.Statistics.PassedOver += loaded?.Refused.Count ?? 0;
        }
        catch (CheckpointException)
        {
            // None can be used, as the user is told: start again in an empty folder.
            Disk.Clear();
        }

        long found = loaded?.Checkpoint.Step ?? 0;
        _sim.Timeline.Note($"{Process} starts at step {found}");
        if (found < LastSaved && !Disk.IsRotten)
            _sim.Violate($"The checkpoint of step {LastSaved} was reported as saved on host {Host}; found is "
                + $"{(loaded is null ? "none" : $"step {found}")}.");
        if (Disk.IsRotten)
            LastSaved = found;
        return loaded;
    }

    public SimMailbox NewMailbox(Action<object> receive) => new(_sim.Timeline, _sim.Random, Process, receive);

    public void Every(TimeSpan period, Action act) => _sim.Timeline.Every(Process, (long)period.TotalMicroseconds, act);

    private void Receive(object message)
    {
        PeerRole before = _role.Role;
        _role.Receive(message, Now);
        if (_role.Role != before)
        {
            (RoleSince, YieldsSince) = (_sim.Timeline.Now, null);
            _sim.Timeline.Note($"{Process}: {before} -> {_role.Role}");
        }
    }

    // Streams

    private void OnConnected(VirtualConnection connection)
    {
        connection.OnFrame = (in FrameHeader header) => Greet(connection, header);
        connection.OnEnd = _ => connection.Dispose();
    }

    private bool Greet(VirtualConnection connection, in FrameHeader header)
    {
        byte[] hello = Hello.Receive(connection, header);
        if (header.Kind == FrameKind.Peer)
        {
            new SimPeer(this, connection, _greetings.PeerOf(connection, hello)).Start();
            return true;
        }

        string node = _greetings.WorkerOf(connection, header, hello);
        connection.CanTake = _ => false; // Until there is a link.
        Tell(new StreamOpened(node, connection));
        return true;
    }

    // Workers

    public void OnFindLeader(string version, string name, RemoteMailbox asker) =>
        Tell(new LeaderAsked(new FindLeader(version), name, asker));

    // What the leadership asks for

    // A busy machine takes its time to load a checkpoint and to start roles; peers are heard meanwhile.
    private void Do(LeadershipTask task) => _sim.Timeline.After(
        Process, _sim.Random.OnceIn(3) ? _sim.Random.Next(1, 500) * Timeline.Millisecond : _sim.Random.Next(5, 200), () =>
    {
        switch (task)
        {
            case LeadershipTask.Train train:
                TrainingOptions options = _resumption.OptionsOf(train);
                var state = new RunState(options, train.Run, train.Term);
                if (options.ResumeFrom is { } resumed && resumed.Term >= train.Term && _sim.Coordinators.Count == 1)
                    _sim.Violate($"{Process} leads with term {train.Term}; the checkpoint that it goes on from is of term {resumed.Term}.");
                _greetings.Run = train.Run;
                Term = new SimTerm(this, options, state, _resumption.SourceOf(state, options), _tokens, _sim.Training.Examples);
                Tell(new RunBegun(Term.Coordination));
                break;
            case LeadershipTask.Complete:
                Exit(_resumption.Conclude());
                break;
            case LeadershipTask.End end:
                Exit(_resumption.End(end.Outcome, end.Message));
                break;
            case LeadershipTask.EndForOtherRun:
                _sim.Violate($"{Process} ends because another run is trained.");
                break;
        }
    });

    /// <summary>The leadership has ended.</summary>
    public void OnEnded(RunResult result)
    {
        Term!.Abandon();
        Term = null;
        _greetings.Run = null;
        Tell(_resumption.Ended(result.Outcome));
        if (result.Outcome != RunOutcome.Yielded)
            Exit(result);
    }

    private void Exit(RunResult result)
    {
        _sim.Timeline.Note($"{Process} ends: {result.Outcome} after step {result.Steps}");
        if (result.Outcome == RunOutcome.Completed)
        {
            if (result.WeightsSha256 != _sim.Training.WeightsSha256)
                _sim.Violate($"{Process} completes with weights {result.WeightsSha256}.");
            IsDone = true;
            WriteSummary();
        }

        End();
        StartLater(_sim.Random.Next(1, 1_500) * Timeline.Millisecond);
    }

    private void WriteSummary()
    {
        try
        {
            Disk.WriteWhole(SummaryFile, file => file.Write("{}"u8));
        }
        catch (IOException)
        {
            // The training is done all the same.
        }
    }

    private void End()
    {
        _sim.Network.Kill(Process);
        Term?.Abandon();
        Term = null;
    }

    /// <summary>What is told to people.</summary>
    internal sealed class Watcher(SimCoordinator coordinator) : IProgress<RunEvent>
    {
        private RunEvent? _before;

        public void Report(RunEvent value)
        {
            Simulation sim = coordinator._sim;
            sim.IsBestGivenUp |= value is RunEvent.CheckpointSaved { Step: TinyRun.Steps }
                && _before is RunEvent.CheckpointFailed { Step: < TinyRun.Steps };
            _before = value;
            switch (value)
            {
                case RunEvent.SeekingLeader or RunEvent.Following or RunEvent.Leading or RunEvent.WaitingForWorkers or RunEvent.TrainingStarted or RunEvent.TrainingEnded:
                    coordinator.LastSaid = value;
                    break;
                case RunEvent.CheckpointSaved { Step: var step }:
                    coordinator.LastSaved = Math.Max(coordinator.LastSaved, step);
                    break;
                case RunEvent.Replicated { Step: var step }:
                    coordinator.LastSaved = Math.Max(coordinator.LastSaved, step);
                    sim.Statistics.Replicated++;
                    break;
                case RunEvent.CheckpointFailed:
                    sim.Statistics.FailedSaves++;
                    break;
                case RunEvent.StepCompleted { Step: var completed, Statistics: var statistics }:
                    sim.Checks.Step(completed, statistics);
                    return;
                case RunEvent.Yielding:
                    sim.Statistics.Yields++;
                    coordinator.YieldsSince = sim.Timeline.Now;
                    break;
                case RunEvent.WorkerReady:
                    sim.Statistics.Joined++;
                    break;
                case RunEvent.WorkerLost:
                    sim.Statistics.Lost++;
                    break;
                case RunEvent.Progress or RunEvent.MetricsRecorded:
                    return;
            }

            sim.Timeline.Note($"{coordinator.Process}: {value.GetType().Name}");
        }
    }
}
