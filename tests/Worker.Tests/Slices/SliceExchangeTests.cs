using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;
using Lockstep.Worker.Lanes;
using Lockstep.Worker.Slices;

namespace Lockstep.Worker.Tests.Slices;

/// <summary>Some workers and a coordinator, whose slices arrive in any order that streams allow.</summary>
public sealed class SliceExchangeTests : IDisposable
{
    private const int Shards = 96, Length = 1_008, Steps = 4, Plan = 7;
    private static readonly FrameOrigin Origin = new(5, 1);
    private static readonly ReductionTree Tree = new(Shards);

    private readonly MemoryPair _stream = new();
    private readonly Dictionary<(int From, int To), Queue<Action>> _lines = [];
    private readonly Dictionary<TreeNode, float[]> _sums = [];
    private readonly Dictionary<TreeNode, int> _received = [];
    private Random _random = new(0);
    private SliceExchange[] _exchanges = [];
    private float[] _weights = [];
    private float[][] _gradients = [];
    private SlicePlan _plan = null!;
    private long _step;
    private int _begun;

    public void Dispose() => _stream.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 3)]
    [InlineData(8, 2)]
    [InlineData(9, 3)]
    [InlineData(11, 3)]
    [InlineData(32, 5)]
    [InlineData(64, 8)]
    [InlineData(96, 9)]
    public void Steps_AnyWorkersAndRows_GiveTheSumsOfTheTree(int workers, int rows)
    {
        foreach (bool isScattered in new[] { false, true })
        {
            for (int seed = 0; seed < 2; seed++)
                Run(workers, rows, isScattered, seed);
        }
    }

    [Fact]
    public void ReceiveWeights_FewerFloatsThanWorkers_StillComplete()
    {
        Begin(workers: 9, rows: 3, isScattered: false, seed: 1, length: 32);
        SendWeights();

        Deliver();

        Assert.Equal(9, _begun);
        AssertSums();
    }

    [Fact]
    public void GoDirect_AfterItsNodesAreComputed_ReturnsThemAndDropsSlices()
    {
        Begin(workers: 3, rows: 1, isScattered: false, seed: 1);
        SendWeights();
        DeliverUntil(() => _begun == 3 && _lines.Values.Sum(line => line.Count) == 0);

        IReadOnlyList<OwnNode>? own = _exchanges[1].GoDirect(0);

        Assert.Equal(PlanOf(3, 1, isScattered: false).NodesOf[1], own?.Select(node => node.Node).Order(ByShard));
        Assert.False(_exchanges[1].Wants(0));
        Assert.False(_exchanges[1].TryAddOwn(0, own![0]));
    }

    [Fact]
    public void GoDirect_WeightsNotComplete_LetsThemBeReceivedWhole()
    {
        Begin(workers: 3, rows: 1, isScattered: false, seed: 1);

        Assert.Null(_exchanges[0].GoDirect(0));

        SendWeights();
        Deliver();
        Assert.Equal(0, _begun);
    }

    /// <summary>Each worker answers for its own nodes.</summary>
    [Theory]
    [InlineData(0, 0, "not this worker's")]
    [InlineData(1, 1_000, "1,000 examples")]
    public void ReceiveGradient_OfAnotherWorkerOrWithOtherExamples_IsRefused(int from, int more, string problem)
    {
        Begin(workers: 3, rows: 1, isScattered: false, seed: 1);
        SlicePlan plan = PlanOf(3, 1, isScattered: false);
        TreeNode node = plan.NodesOf[1][0];
        Slice slice = plan.RowSlice(2);
        long examples = more > 0 ? more : SumOf(node).Examples;
        _stream.Near.SendSlice(
            Header(FrameKind.SliceGradient, 0) with { Node = node.ToKey(), Statistics = new NodeStatistics(1, 0, examples) }, Plan, slice,
            new float[slice.Count]);

        var refused = Assert.Throws<StreamException>(
            () => _exchanges[2].ReceiveGradient(_stream.Far, _stream.Far.ReceiveHeader(), from));

        Assert.Contains(problem, refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ReceiveGradient_SliceThatIsAddedUpElsewhere_IsRefused()
    {
        Begin(workers: 3, rows: 1, isScattered: false, seed: 1);
        var other = new Slice(16, 16);
        _stream.Near.SendSlice(
            new FrameHeader { Kind = FrameKind.SliceGradient, Run = Origin.Run, Term = Origin.Term }, Plan, other, new float[16]);

        var refused = Assert.Throws<StreamException>(() => _exchanges[2].ReceiveGradient(_stream.Far, _stream.Far.ReceiveHeader(), from: 1));

        Assert.Contains("not added up here", refused.Problem, StringComparison.Ordinal);
    }

    private static IComparer<TreeNode> ByShard => Comparer<TreeNode>.Create((a, b) => a.FirstShard.CompareTo(b.FirstShard));

    private void Run(int workers, int rows, bool isScattered, int seed)
    {
        Begin(workers, rows, isScattered, seed);
        for (; _step < Steps; _step++)
        {
            (_weights, _gradients) = (Floats(Length), [.. Enumerable.Range(0, Shards).Select(_ => Floats(Length))]);
            _sums.Clear();
            _received.Clear();
            SendWeights();
            Deliver();
            AssertSums();
        }
    }

    private void Begin(int workers, int rows, bool isScattered, int seed, int length = Length)
    {
        _stream.Far.Limits = StreamLimits.ForSlices(Length);
        _random = new Random(seed);
        _lines.Clear();
        _sums.Clear();
        _received.Clear();
        (_step, _begun) = (0, 0);
        (_weights, _gradients) = (Floats(length), [.. Enumerable.Range(0, Shards).Select(_ => Floats(length))]);
        SlicePlan plan = _plan = PlanOf(workers, rows, isScattered, length);
        int[] numbers = [.. Enumerable.Range(0, workers)];
        _exchanges = new SliceExchange[workers];
        for (int i = 0; i < workers; i++)
        {
            int self = i;
            var place = new SlicePlace(Plan, plan, i, numbers);
            _exchanges[i] = new SliceExchange(Tree, length, new Lanes(this, self, place), (sum, _) => Collect(sum))
            {
                Post = (worker, slice) => Post(self, worker, slice),
                ExamplesOf = (_, node) => (int)SumOf(node).Examples,
                Begun = _ => { },
            };
            _exchanges[i].Add(place);
        }
    }

    private SlicePlan PlanOf(int workers, int rows, bool isScattered, int length = Length)
    {
        int[] shards = [.. Enumerable.Range(0, Shards)];
        if (isScattered)
            _random.Shuffle(shards);
        TreeNode[][] nodes = [.. Enumerable.Range(0, workers).Select(worker =>
        {
            int first = worker * Shards / workers, end = (worker + 1) * Shards / workers;
            return isScattered ? [.. shards[first..end].Order().Select(shard => new TreeNode(0, shard))] : Tree.Cover(first, end).ToArray();
        })];
        return new SlicePlan(length, Tree, [.. nodes.OrderBy(own => own[0].FirstShard)], rows);
    }

    /// <summary>The coordinator's part of a step's beginning.</summary>
    private void SendWeights()
    {
        for (int i = 0; i < _exchanges.Length; i++)
        {
            int worker = i;
            foreach (Slice slice in _plan.ColumnsHeadedBy(worker))
            {
                long step = _step;
                Queue(-1, worker, () =>
                {
                    _stream.Near.SendSlice(Header(FrameKind.SliceWeights, step), Plan, slice, slice.Of(_weights));
                    _exchanges[worker].ReceiveWeights(_stream.Far, _stream.Far.ReceiveHeader(), from: null);
                });
            }
        }
    }

    private List<Lanes> LanesOf { get; } = [];

    private void Post(int from, int to, SliceSend send) => Queue(from, to, () =>
    {
        if (!_exchanges[from].Wants(send.Step))
        {
            send.Source.Release();
            return;
        }

        send.Send(_stream.Near, Origin);
        FrameHeader header = _stream.Far.ReceiveHeader();
        if (header.Kind == FrameKind.SliceWeights)
            _exchanges[to].ReceiveWeights(_stream.Far, header, from);
        else
            _exchanges[to].ReceiveGradient(_stream.Far, header, from);
    });

    private void Collect(SliceSend sum)
    {
        if (!_sums.TryGetValue(sum.Node, out float[]? values))
            _sums.Add(sum.Node, values = new float[_weights.Length]);
        sum.Source.Read(sum.Slice).CopyTo(values.AsSpan(sum.Slice.First));
        _received[sum.Node] = _received.GetValueOrDefault(sum.Node) + sum.Slice.Count;
        Assert.Equal(SumOf(sum.Node).Examples, sum.Statistics.Examples);
        sum.Source.Release();
    }

    private void Queue(int from, int to, Action deliver)
    {
        if (!_lines.TryGetValue((from, to), out Queue<Action>? line))
            _lines.Add((from, to), line = new Queue<Action>());
        line.Enqueue(deliver);
    }

    private void Deliver() => DeliverUntil(() => false);

    private void DeliverUntil(Func<bool> isEnough)
    {
        while (!isEnough())
        {
            Queue<Action>[] waiting = [.. _lines.Values.Where(line => line.Count > 0)];
            if (waiting.Length == 0)
                return;
            waiting[_random.Next(waiting.Length)].Dequeue()();
        }
    }

    private void AssertSums()
    {
        Assert.NotEmpty(_sums);
        Assert.Equal(Shards, _sums.Keys.Sum(Tree.Width));
        foreach ((TreeNode node, float[] values) in _sums)
        {
            Assert.Equal(_weights.Length, _received[node]);
            Assert.True(values.AsSpan().SequenceEqual(SumOf(node).Values), $"The sum of {node} differs.");
        }
    }

    private (float[] Values, long Examples) SumOf(TreeNode node)
    {
        var reduction = new TreeReduction<float[]>(
            Tree, (left, right) => [.. left.Zip(right, (a, b) => a + b)], _ => { });
        for (int shard = node.FirstShard; shard < Tree.EndShard(node); shard++)
            reduction.Accept(new TreeNode(0, shard), _gradients[shard], node);
        return (reduction.Take(node)!, Tree.Width(node));
    }

    private float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => (_random.NextSingle() - 0.5f) * MathF.Pow(10, _random.Next(-6, 6)))];

    private static FrameHeader Header(FrameKind kind, long step) =>
        new() { Kind = kind, Run = Origin.Run, Term = Origin.Term, Step = step };

    /// <summary>Computes each node at once, or lets it wait its turn.</summary>
    private sealed class Lanes : ILanes
    {
        private readonly SliceExchangeTests _test;
        private readonly int _self;
        private readonly Stack<WeightsBuffer> _free = new();
        private WeightsBuffer? _current;

        public Lanes(SliceExchangeTests test, int self, SlicePlace place)
        {
            (_test, _self, Place) = (test, self, place);
            if (self == 0)
                test.LanesOf.Clear();
            test.LanesOf.Add(this);
        }

        public SlicePlace Place { get; }

        public WeightsBuffer TakeBuffer() => _free.TryPop(out WeightsBuffer? free) && free.IsFree
            ? free
            : new WeightsBuffer(new AlignedBuffer(_test._weights.Length));

        public void ReturnBuffer(WeightsBuffer buffer) => _free.Push(buffer);

        public void LeaveCaller()
        {
        }

        public void SetFrozen(ReadOnlySpan<float> values)
        {
        }

        public void ShareGradients(IReadOnlyList<AlignedBuffer> slots)
        {
        }

        public void HaveExamples(long untilStep)
        {
        }

        public void Extend(long step, IReadOnlyList<TreeNode> nodes)
        {
        }

        public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes)
        {
            Assert.Equal(_test._step, step);
            Assert.True(weights.Values.Span.SequenceEqual(_test._weights), $"Worker {_self} has other weights.");
            if (_current is not null)
                _free.Push(_current);
            _current = weights;
            _test._begun++;
            foreach (TreeNode node in nodes)
            {
                (float[] values, long examples) = _test.SumOf(node);
                var result = new NodeResult(new AlignedBuffer(values.Length)) { Statistics = new NodeStatistics(1, 0, examples) };
                values.CopyTo(result.Gradient.Span);
                _test.Queue(
                    _self, _self,
                    () => Assert.True(_test._exchanges[_self].TryAddOwn(step, new OwnNode(node, result, TimeSpan.FromMilliseconds(1)))));
            }
        }
    }
}
