using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// The whole training in one process: the reference that a cluster's run equals bit for bit. Start here to see what a step is. One lane
/// computes the root of the reduction tree directly. Several lanes, each on a thread, compute the nodes of a lower level, which are then
/// added as in a cluster. The bits are the same.
/// </summary>
public sealed class LocalTrainer
{
    private readonly RunSpec _spec;
    private readonly SimdWidth _width;
    private readonly Optimizer _optimizer;
    private readonly TreeNode[] _nodes;
    private readonly GradientLane[] _lanes;
    private readonly AlignedBuffer[] _gradients;
    private readonly NodeStatistics[] _statistics;
    private readonly ParallelOptions _parallel;
    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _state;

    /// <summary>Begins a run.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="trainingExamples">The training file.</param>
    /// <param name="lanes">Number of compute threads, at least 1; at most one per shard is used.</param>
    /// <exception cref="ArgumentException">The spec is invalid, or the examples do not match it.</exception>
    public LocalTrainer(RunSpec spec, Examples trainingExamples, int lanes = 1)
        : this(spec, trainingExamples, KernelDispatch.Width, lanes)
    {
    }

    /// <summary>Continues a run from the state after <paramref name="completedSteps"/> steps.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="trainingExamples">The training file.</param>
    /// <param name="completedSteps">Steps that led to the state.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="state">State of the optimizer: one slot after another, each as long as the trainable part; empty for none.</param>
    /// <param name="lanes">Number of compute threads, at least 1; at most one per shard is used.</param>
    /// <exception cref="ArgumentException">The spec is invalid, or the examples or the state do not match it.</exception>
    public LocalTrainer(
        RunSpec spec, Examples trainingExamples, long completedSteps, ReadOnlySpan<float> weights, ReadOnlySpan<float> state, int lanes = 1)
        : this(spec, trainingExamples, KernelDispatch.Width, lanes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(completedSteps);
        if (weights.Length != _weights.Length || state.Length != _state.Length)
            throw new ArgumentException(
                $"{weights.Length} weights and {state.Length} floats of state; expected {_weights.Length} and {_state.Length}.");
        weights.CopyTo(_weights.Span);
        state.CopyTo(_state.Span);
        CompletedSteps = completedSteps;
    }

    internal LocalTrainer(RunSpec spec, Examples trainingExamples, SimdWidth width, int lanes = 1)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        spec.ThrowIfInvalid();
        _spec = spec;
        _width = width;
        Layout = new ParameterLayout(spec.Model);
        _optimizer = Optimizer.Create(spec, Layout, width);
        _weights = new AlignedBuffer(Layout.Length);
        _state = new AlignedBuffer(_optimizer.StateLength);
        Initialization.Fill(spec, Layout, _weights.Span);

        var order = new ExampleOrder(spec);
        _nodes = NodesFor(spec.Shards, lanes);
        _lanes = [.. _nodes.Select(_ => new GradientLane(spec, Layout, trainingExamples, order, width))];
        _gradients = [.. _nodes.Select(_ => new AlignedBuffer(Layout.TrainableLength))];
        _statistics = new NodeStatistics[_nodes.Length];
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = lanes };
    }

    /// <summary>The layout of <see cref="Weights"/>.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Steps completed, those before this trainer included.</summary>
    public long CompletedSteps { get; private set; }

    /// <summary>The flat vector of parameters after these steps.</summary>
    public ReadOnlySpan<float> Weights => _weights.Span;

    /// <summary>State of the optimizer after these steps: one slot after another; empty for none.</summary>
    public ReadOnlySpan<float> State => _state.Span;

    /// <summary>Digest of <see cref="Weights"/> (see <see cref="WeightsDigest"/>).</summary>
    public string WeightsSha256 => WeightsDigest.Sha256(Layout, Weights);

    /// <summary>Takes one step and returns the statistics of its batch.</summary>
    /// <exception cref="DivergenceException">
    /// Its loss, or a weight that it wrote, is not finite. The state is unusable afterwards.
    /// </exception>
    public NodeStatistics Step() => Step(_optimizer);

    /// <summary>Takes one step with a learning rate instead of the one that the run has for it.</summary>
    /// <param name="learningRate">The rate of all parameters that have none of their own.</param>
    /// <returns>The statistics of its batch.</returns>
    /// <exception cref="DivergenceException">See <see cref="Step()"/>.</exception>
    public NodeStatistics Step(double learningRate)
    {
        OptimizerSpec optimizer = _spec.Optimizer with { LearningRate = learningRate, Schedule = new LearningRateSchedule() };
        return Step(Optimizer.Create(_spec with { Optimizer = optimizer }, Layout, _width));
    }

    private NodeStatistics Step(Optimizer optimizer)
    {
        BatchPosition batch = BatchPosition.Of(_spec, CompletedSteps);
        if (_nodes.Length == 1)
            Compute(0, batch);
        else
            ComputeAndAddUp(batch);
        bool isFinite = optimizer.Apply(batch, _gradients[0].Span, _weights.Span, _state.Span, _weights.Span);
        if (DivergenceException.Find(batch.Step, _statistics[0].LossSum, isFinite, Layout, Weights) is { } diverged)
            throw diverged;
        CompletedSteps++;
        return _statistics[0];
    }

    /// <summary>Takes a number of steps and returns the sum of their statistics.</summary>
    /// <exception cref="DivergenceException">See <see cref="Step()"/>.</exception>
    public NodeStatistics Run(long steps)
    {
        NodeStatistics sum = default;
        for (long i = 0; i < steps; i++)
            sum += Step();
        return sum;
    }

    private void Compute(int i, BatchPosition batch) =>
        _statistics[i] = _lanes[i].Compute(_nodes[i], batch, _weights.Span, _gradients[i].Span);

    /// <summary>
    /// Computes the nodes, then adds left + right, level by level, into the first; a node without a right sibling passes up unchanged.
    /// </summary>
    private void ComputeAndAddUp(BatchPosition batch)
    {
        _ = Parallel.For(0, _nodes.Length, _parallel, i => Compute(i, batch));
        for (int stride = 1; stride < _nodes.Length; stride *= 2)
        {
            for (int left = 0; left + stride < _nodes.Length; left += 2 * stride)
            {
                GradientSum.Add(_gradients[left].Span, _gradients[left + stride].Span, _gradients[left].Span);
                _statistics[left] += _statistics[left + stride];
            }
        }
    }

    /// <summary>
    /// The nodes of the highest level that has one for each lane: all but the last are of equal size. One lane gets the root.
    /// </summary>
    private static TreeNode[] NodesFor(int shards, int lanes)
    {
        int level = new ReductionTree(shards).Root.Level;
        while (level > 0 && Count(level) < lanes)
            level--;
        return [.. Enumerable.Range(0, Count(level)).Select(index => new TreeNode(level, index))];

        int Count(int level) => ((shards - 1) >> level) + 1;
    }
}
