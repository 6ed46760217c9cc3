using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// <see cref="LocalTrainer"/> on several threads: each computes nodes of the reduction tree, which are then added up to the root, as the workers
/// of a cluster would. It gives the same bits with any number of lanes.
/// </summary>
public sealed class ParallelTrainer
{
    private readonly RunSpec _spec;
    private readonly SgdOptimizer _optimizer;
    private readonly TreeNode[] _nodes;
    private readonly GradientLane[] _lanes;
    private readonly AlignedBuffer[] _gradients;
    private readonly NodeStatistics[] _statistics;
    private readonly ParallelOptions _parallel;
    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _velocity;

    /// <summary>A run from its state after some steps.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="trainingImages">The training file.</param>
    /// <param name="completedSteps">Steps that the state has seen; 0 before the first.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="velocity">Optimizer state of its trainable part; empty without momentum.</param>
    /// <param name="lanes">Threads to compute with, at least 1; more than shards are not used.</param>
    /// <exception cref="ArgumentException">The spec has problems, or the images or the state do not fit it.</exception>
    public ParallelTrainer(
        RunSpec spec, ImageSet trainingImages, long completedSteps, ReadOnlySpan<float> weights, ReadOnlySpan<float> velocity, int lanes)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfNegative(completedSteps);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        spec.ThrowIfInvalid();
        _spec = spec;
        Layout = new ParameterLayout(spec.Model);
        _optimizer = new SgdOptimizer(spec, Layout);
        if (weights.Length != Layout.Length || velocity.Length != _optimizer.VelocityLength)
            throw new ArgumentException($"{weights.Length} weights and {velocity.Length} velocities; expected {Layout.Length} and {_optimizer.VelocityLength}.");
        _weights = new AlignedBuffer(Layout.Length);
        _velocity = new AlignedBuffer(_optimizer.VelocityLength);
        weights.CopyTo(_weights.Span);
        velocity.CopyTo(_velocity.Span);
        CompletedSteps = completedSteps;

        // The highest level that has a node for each lane: all its nodes but the last are of equal size.
        int level = new ReductionTree(spec.Shards).Root.Level;
        while (level > 0 && Count(level) < lanes)
            level--;
        var order = new ExampleOrder(spec);
        _nodes = [.. Enumerable.Range(0, Count(level)).Select(index => new TreeNode(level, index))];
        _lanes = [.. _nodes.Select(_ => new GradientLane(spec, Layout, trainingImages, order))];
        _gradients = [.. _nodes.Select(_ => new AlignedBuffer(Layout.TrainableLength))];
        _statistics = new NodeStatistics[_nodes.Length];
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = lanes };

        int Count(int level) => ((spec.Shards - 1) >> level) + 1;
    }

    /// <summary>Where each parameter lies in <see cref="Weights"/>.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Steps taken, those before this trainer included.</summary>
    public long CompletedSteps { get; private set; }

    /// <summary>The flat vector of parameters after these steps.</summary>
    public ReadOnlySpan<float> Weights => _weights.Span;

    /// <summary>Optimizer state of the trainable part after these steps; empty without momentum.</summary>
    public ReadOnlySpan<float> Velocity => _velocity.Span;

    /// <summary>Takes one step and returns what its batch gave.</summary>
    /// <exception cref="DivergenceException">Its loss, or a weight that it wrote, is not finite. The state is of no use any more.</exception>
    public NodeStatistics Step()
    {
        BatchPosition batch = BatchPosition.Of(_spec, CompletedSteps);
        if (_nodes.Length == 1)
            Compute(0, batch);
        else
            _ = Parallel.For(0, _nodes.Length, _parallel, i => Compute(i, batch));

        // Left + right, level by level; a node without a right sibling goes up as it is.
        for (int stride = 1; stride < _nodes.Length; stride *= 2)
        {
            for (int left = 0; left + stride < _nodes.Length; left += 2 * stride)
            {
                GradientSum.Add(_gradients[left].Span, _gradients[left + stride].Span, _gradients[left].Span);
                _statistics[left] += _statistics[left + stride];
            }
        }

        bool isFinite = _optimizer.Apply(batch, _gradients[0].Span, _weights.Span, _velocity.Span, _weights.Span);
        if (DivergenceException.Find(batch.Step, _statistics[0].LossSum, isFinite, Layout, Weights) is { } diverged)
            throw diverged;
        CompletedSteps++;
        return _statistics[0];
    }

    private void Compute(int i, BatchPosition batch) =>
        _statistics[i] = _lanes[i].Compute(_nodes[i], batch, _weights.Span, _gradients[i].Span);
}
