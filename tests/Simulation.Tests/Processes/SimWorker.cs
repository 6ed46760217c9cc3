using System.Net;
using Lockstep.Simulation.Tests.World;
using Lockstep.Worker.Hosting;
using Lockstep.Worker.Sessions;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>
/// A worker's process, started anew as often as needed: it goes from one membership to the next, as the product's <c>WorkerHost</c> does.
/// </summary>
internal sealed class SimWorker
{
    private readonly Simulation _sim;
    private readonly int _usualSlowness;
    private int _starts, _nodes;
    private string _name = "";
    private HashSet<string> _known = [];
    private HeldData _held = new();
    private JoinDeadline _deadline = null!;
    private SimMembership? _membership;

    public SimWorker(Simulation sim, int number, int host, int lanes)
    {
        (_sim, Number, Host) = (sim, number, host);
        Options = new WorkerOptions
        {
            Coordinators =
            [.. sim.Coordinators.Select(peer => new DnsEndPoint($"c{peer.Host}", 4000))], Lanes = lanes
        };
        _usualSlowness = sim.Random.OnceIn(4) ? sim.Random.Next(2, 5) : 1;
        IsSlow = sim.Random.OnceIn(3);
    }

    public int Number { get; }

    public int Host { get; }

    public Simulation Sim => _sim;

    public WorkerOptions Options { get; }

    public SimProcess Process { get; private set; } = new("worker") { IsAlive = false };

    public VirtualClock Clock { get; private set; } = null!;

    public WorkerMeter Meter { get; private set; } = null!;

    /// <summary>Times by which it computes slower than it could.</summary>
    public int Slowness { get; set; } = 1;

    /// <summary>Its machine is a slow one.</summary>
    public bool IsSlow { get; }

    /// <summary>It was asked to leave, and stays away.</summary>
    public bool IsGone { get; set; }

    /// <summary>When it was asked to leave.</summary>
    public long LeavingSince { get; private set; }

    /// <summary>When it last followed a leader, or was started.</summary>
    public long FollowedAt { get; set; }

    public SimMembership? Membership => _membership;

    public SimSession? Session => _membership?.Session;

    /// <summary>How long a lane takes for a shard.</summary>
    public long ShardTime => _sim.Random.Next(200, 1_500) * (long)Slowness * _usualSlowness * _sim.ComputeScale;

    public void Start()
    {
        if (Process.IsAlive || IsGone)
            return;
        Process = new SimProcess($"worker {Number}.{++_starts}");
        Clock = new VirtualClock(_sim.Timeline, Process);
        Meter = new WorkerMeter(new WorkerStatus(), Options.Lanes);
        _known = [.. _sim.Coordinators.Select(coordinator => coordinator.Name)];
        _held = new HeldData();
        _deadline = new JoinDeadline(Options.JoinTimeout, Clock);
        FollowedAt = _sim.Timeline.Now;
        Join();
    }

    /// <summary>The process dies. Where its machine lives on, the system ends its stream.</summary>
    public void Die(bool tellsPeer)
    {
        if (tellsPeer)
            _sim.Network.Kill(Process);
        else
            _sim.Network.PowerOff(Host, Process);
        End();
    }

    /// <summary>Its machine, which it shares with a coordinator, has lost its power.</summary>
    public void OnPowerLost()
    {
        Process.IsAlive = false;
        End();
        _sim.RestartLater(this);
    }

    /// <summary>SIGTERM.</summary>
    public void Leave()
    {
        IsGone = true;
        LeavingSince = _sim.Timeline.Now;
        if (_membership is null)
            Exit(LeaderSearch.Stopped);
        else
            _membership.Drain();
    }

    public void OnMembershipEnded(WorkerResult result)
    {
        _membership = null;
        _sim.Timeline.Note($"{Process}: {result.Outcome} {result.Message}");
        if (_deadline.Conclude(result, isAskedToStop: IsGone) is { } ended)
            Exit(ended);
        else
            _sim.Timeline.After(Process, _sim.Random.Next(10, 60) * Timeline.Millisecond, Join);
    }

    private void Join()
    {
        if (_membership is not null)
            return;
        if (_name.Length == 0 || _sim.Random.OnceIn(2))
            _name = $"w{Number}:{4000 + _nodes}";
        _membership = new SimMembership(this, _name, $"{_name}#{++_nodes}", _known, _held, _deadline.ForMembership);
    }

    private void Exit(WorkerResult result)
    {
        if (result.Outcome == WorkerOutcome.Refused)
            _sim.Statistics.RefusedWorkers++;
        _sim.Network.Kill(Process);
        End();
        _sim.RestartLater(this);
    }

    private void End()
    {
        Meter?.Dispose();
        _membership = null;
    }
}
