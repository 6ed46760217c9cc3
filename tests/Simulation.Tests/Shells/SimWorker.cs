using System.Runtime.InteropServices;
using System.Text;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;
using Lockstep.Worker.Lanes;

namespace Lockstep.Simulation.Tests.Shells;

/// <summary>
/// A worker's process, started anew as often as needed: what <c>WorkerActor</c> and <c>WorkerSession</c> do, and <c>LaneTeam</c> around
/// the real <see cref="WorkItem"/> and <see cref="TreeReduction{T}"/>. Each joining is a new incarnation.
/// </summary>
internal sealed class SimWorker(Simulation sim, int host, int lanes)
{
    private const long AskAgainAfter = Timeline.Second;

    // Fewer than the nodes that a worker may be asked for: then one goes through the stream.
    private const int SharedGradients = 2;

    private readonly int _usualSlowness = sim.Random.OnceIn(4) ? sim.Random.Next(2, 5) : 1;
    private int _incarnation;
    private Session? _session;
    private string _name = "";
    private string _node = "";

    public int Host => host;

    public SimProcess Process { get; private set; } = new($"worker {host}") { IsAlive = false };

    /// <summary>It is on the coordinator's machine: weights and gradients are in memory that both see.</summary>
    private bool SharesMemory => host % 2 == 0;

    /// <summary>Times by which it computes slower than it could.</summary>
    public int Slowness { get; set; } = 1;

    /// <summary>It has left and stays away.</summary>
    public bool IsGone { get; set; }

    /// <summary>The coordinator that its stream leads to.</summary>
    public SimCoordinator? Coordinator => _session?.Coordinator;

    /// <summary>Its current incarnation in the cluster.</summary>
    public string Node => _node;

    public bool IsInSession => _session is not null;

    /// <summary>Its session is far enough that the coordinator takes gradients from it.</summary>
    public bool CanSendZombieFrame => _session?.IsReady == true;

    public void Start()
    {
        if (Process.IsAlive)
            return;
        Process = new SimProcess($"worker {host}");
        Join(sim.Random.OnceIn(2));
    }

    /// <summary>The process dies. Where its machine lives on, the system ends its stream.</summary>
    public void Die(bool tellsPeer)
    {
        Process.IsAlive = false;
        _session?.Stream.Abandon(tellsPeer);
        _session = null;
    }

    /// <summary>SIGTERM: asks to be let go, and answers what it was asked until then. Where it was asked for nothing, it just ends.</summary>
    public void Leave()
    {
        IsGone = true;
        if (_session is { IsReady: true })
            _session.AskToLeave();
        else
            Die(tellsPeer: true);
    }

    /// <summary>The cluster has removed this incarnation: stop, and join as a new one.</summary>
    public void OnRemoved()
    {
        sim.Timeline.Note($"{Process} was removed from the cluster");
        _session?.Stream.Close();
        Rejoin();
    }

    /// <summary>The coordinator says that the run is over: the process ends. Somebody starts it again if the run is resumed.</summary>
    public void OnRunEnded()
    {
        Die(tellsPeer: true);
        sim.RestartLater(this);
    }

    public void BreakStream() => _session!.Stream.Break();

    /// <summary>Puts a frame of another history into the stream: of an older term, or of another run.</summary>
    public void SendZombieFrame(bool otherRun) => _session!.SendZombieFrame(otherRun);

    private void Join(bool atOldAddress)
    {
        _incarnation++;
        if (_name.Length == 0 || !atOldAddress)
            _name = $"host{host}:{4000 + _incarnation}";
        _node = $"{_name}#{_incarnation}";
        _session = null;
        sim.OnJoining(this);
        Ask(_incarnation);
    }

    private void Ask(int incarnation)
    {
        if (incarnation != _incarnation || _session is not null)
            return;
        if (sim.Coordinator is { } coordinator)
            sim.Network.Control(host, Simulation.CoordinatorHost, coordinator.Process, "JoinRun", () => coordinator.OnJoinRun(this, _name, _node, lanes));
        sim.Timeline.After(Process, AskAgainAfter, () => Ask(incarnation));
    }

    public void OnRunOffered(SimCoordinator coordinator, string node, FrameOrigin origin, byte[] token)
    {
        if (node != _node || _session is not null)
            return;
        if (!coordinator.Process.IsAlive || !sim.Network.IsOpenBothWays(host, Simulation.CoordinatorHost))
        {
            Rejoin(); // Nobody listens there.
            return;
        }

        AlignedBuffer[] slots = SharesMemory ? [.. Enumerable.Range(0, SharedGradients).Select(_ => new AlignedBuffer(TinyRun.Layout.TrainableLength))] : [];
        (StreamEnd near, StreamEnd far) = StreamEnd.Connect(sim.Network, host, Process, Simulation.CoordinatorHost, coordinator.Process, slots);
        near.OnDamage = far.OnDamage = sim.Violate;
        coordinator.OnConnected(far);
        _session = new Session(this, coordinator, origin, near);
        near.Send(new FrameHeader { Kind = FrameKind.Hello, Run = origin.Run }, [.. token, .. Encoding.UTF8.GetBytes(node)]);
    }

    private void Rejoin()
    {
        _session = null;
        if (IsGone)
        {
            Die(tellsPeer: true);
            return;
        }

        int incarnation = _incarnation;
        sim.Timeline.After(Process, sim.Random.Next(100, 600) * Timeline.Millisecond, () =>
        {
            if (_incarnation == incarnation)
                Join(sim.Random.OnceIn(2));
        });
    }

    /// <summary>One tensor stream, and the lanes that compute for it.</summary>
    private sealed class Session
    {
        private readonly SimWorker _worker;
        private readonly FrameOrigin _origin;
        private readonly TreeReduction<SimGradient> _reduction;
        private readonly Queue<WorkItem> _work = new();
        private readonly Stack<int> _freeSlots = new();
        private readonly List<int> _handedOver = [];
        private IReadOnlyList<TreeNode> _assigned = [];
        private Weights? _current;
        private long _begun;
        private int _busyLanes;
        private bool _ended;

        public Session(SimWorker worker, SimCoordinator coordinator, FrameOrigin origin, StreamEnd stream)
        {
            (_worker, Coordinator, _origin, Stream) = (worker, coordinator, origin, stream);
            _reduction = new TreeReduction<SimGradient>(TinyRun.Tree, SimGradient.Add, gradient => Free(gradient.Slot));
            for (int slot = 0; slot < stream.SharedGradients.Length; slot++)
                _freeSlots.Push(slot);
            stream.OnFrame = Receive;
            stream.OnEnd = () => End("the coordinator is lost");
        }

        public SimCoordinator Coordinator { get; }

        public bool IsReady { get; private set; }

        public StreamEnd Stream { get; }

        private Simulation Sim => _worker.Sim;

        public void AskToLeave() => Stream.Send(Header(FrameKind.Leaving), "It was asked to stop."u8);

        public void SendZombieFrame(bool otherRun)
        {
            // Of the step under way and of a node that is not there yet, where possible: a frame that would do harm if it passed.
            long step = Math.Min(Coordinator.Step, TinyRun.Steps - 1);
            SimGradient gradient = TinyRun.Gradient(step, TinyRun.Tree.Root, TinyRun.Weights(step == 0 ? 1 : 0));
            FrameHeader header = GradientHeader(step, TinyRun.Tree.Root, gradient) with { Run = otherRun ? _origin.Run ^ 1 : _origin.Run, Term = otherRun ? _origin.Term : _origin.Term - 1 };
            Stream.Send(header, MemoryMarshal.AsBytes(gradient.Values.AsSpan()));
        }

        private void End(string reason)
        {
            if (_ended || _worker._session != this)
                return;
            _ended = true;
            Sim.Timeline.Note($"{_worker.Process} ends its session: {reason}");
            Stream.Close();
            _worker.Rejoin();
        }

        private void Receive(FrameHeader header, byte[] payload)
        {
            if (_worker._session != this)
                return;
            if (header.Kind is not (FrameKind.Bye or FrameKind.Refusal) && _origin.Objection(header) is { } objection)
            {
                Sim.Statistics.RefusedFrames++;
                End(objection);
                return;
            }

            switch (header.Kind)
            {
                case FrameKind.RunSpec:
                    if (!payload.AsSpan().SequenceEqual(TinyRun.EncodedSpec))
                        Sim.Violate("A worker got another spec.");
                    IsReady = true;
                    Stream.Send(Header(FrameKind.Ready), Encoding.UTF8.GetBytes(TinyRun.Fingerprint));
                    break;
                case FrameKind.Assign:
                    (AssignmentKind kind, IReadOnlyList<TreeNode> nodes) = Assignment.Decode(payload, "the coordinator", TinyRun.Tree);
                    if (kind == AssignmentKind.FromThisStepOn)
                        _assigned = nodes;
                    else if (_current?.Step == header.Step)
                        Enqueue(nodes);
                    break;
                case FrameKind.Weights:
                    var values = new AlignedBuffer(TinyRun.Layout.Length);
                    payload.CopyTo(values.Bytes);
                    if (!values.Span.SequenceEqual(TinyRun.Weights(header.Step)))
                        Sim.Violate($"{_worker.Process} got other weights of step {header.Step} than the fault-free run has.");
                    Begin(header.Step, values);
                    break;
                case FrameKind.SharedWeights:
                    Begin(header.Step, Coordinator.SharedWeights[BitConverter.ToInt32(payload)]);
                    break;
                case FrameKind.Bye:
                    Stream.Close();
                    _worker.OnRunEnded();
                    break;
                case FrameKind.Refusal:
                    End(Encoding.UTF8.GetString(payload));
                    break;
                default:
                    End($"got a {header.Kind} frame, which only workers send");
                    break;
            }
        }

        private void Begin(long step, AlignedBuffer values)
        {
            _work.Clear();
            _reduction.Clear();
            _handedOver.ForEach(_freeSlots.Push);
            _handedOver.Clear();
            if (Sim.Bug == Bug.ComputeWithOldWeights && _current is not null && _busyLanes > 0)
                values = _current.Values;
            _current = new Weights(step, values);
            _begun = Sim.Timeline.Now;
            Enqueue(_assigned);
        }

        private void Free(int? slot)
        {
            if (slot is { } free)
                _freeSlots.Push(free);
        }

        private void Enqueue(IReadOnlyList<TreeNode> nodes)
        {
            foreach (WorkItem item in WorkItem.Split(TinyRun.Tree, nodes, _worker.Lanes))
                _work.Enqueue(item);
            while (_busyLanes < _worker.Lanes && _work.Count > 0)
                StartLane();
        }

        private void StartLane()
        {
            _busyLanes++;
            WorkItem item = _work.Dequeue();
            Weights weights = _current!;
            // A lane reads weights, and writes its gradient, from its beginning to its end: half of each is taken now, half then.
            float[] read = weights.Values.Span.ToArray();
            int? slot = item.IsFirst && _freeSlots.TryPop(out int free) ? free : null;
            if (slot is { } begun)
                Stream.SharedGradients[begun].Span.Fill(float.NaN);
            long time = Sim.Random.Next(200, 1_500) * (long)_worker.Slowness * _worker._usualSlowness * TinyRun.Tree.Width(item.Node);
            Sim.Timeline.After(_worker.Process, time, () =>
            {
                _busyLanes--;
                weights.Values.Span[(read.Length / 2)..].CopyTo(read.AsSpan(read.Length / 2));
                Finish(item, weights, read, slot);
                if (_work.Count > 0 && !_ended)
                    StartLane();
            });
        }

        private void Finish(WorkItem item, Weights weights, float[] read, int? slot)
        {
            if (_worker._session != this)
                return;
            if (Sim.Bug == Bug.TellStepByBuffer ? weights.Values != _current!.Values : weights != _current)
            {
                if (!read.AsSpan().SequenceEqual(TinyRun.Weights(weights.Step)))
                    Sim.Statistics.TornResults++;
                Free(slot);
                return;
            }

            SimGradient result = TinyRun.Gradient(weights.Step, item.Node, read) with { Slot = slot };
            if (!_reduction.Accept(item.Node, result, item.SentAs) || _reduction.Take(item.SentAs) is not { } finished)
                return;
            FrameHeader header = GradientHeader(_current!.Step, item.SentAs, finished);
            if (finished.Slot is not { } shared)
            {
                Stream.Send(header, MemoryMarshal.AsBytes(finished.Values.AsSpan()));
                return;
            }

            finished.Values.CopyTo(Stream.SharedGradients[shared].Span);
            if (Sim.Bug == Bug.ReuseSlotAtOnce)
                _freeSlots.Push(shared);
            else
                _handedOver.Add(shared);
            Sim.Statistics.SharedGradients++;
            Stream.Send(header with { Kind = FrameKind.SharedGradient }, BitConverter.GetBytes(shared));
        }

        private FrameHeader GradientHeader(long step, TreeNode node, SimGradient gradient) =>
            Header(FrameKind.Gradient) with { Step = step, Node = node.ToKey(), Statistics = gradient.Statistics, ComputeMicroseconds = (int)(Sim.Timeline.Now - _begun) };

        private FrameHeader Header(FrameKind kind) => new() { Kind = kind, Run = _origin.Run, Term = _origin.Term };

        /// <summary>What a step is computed with. In shared memory it changes when the step is over.</summary>
        private sealed class Weights(long step, AlignedBuffer values)
        {
            public long Step => step;

            public AlignedBuffer Values => values;
        }
    }

    private Simulation Sim => sim;

    private int Lanes => lanes;
}
