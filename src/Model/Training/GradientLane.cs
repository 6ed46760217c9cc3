using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Losses;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// Computes gradient sums of tree nodes. One per compute thread: it owns its memory, and allocates nothing after that has grown to the
/// largest node. Equal arguments give equal bits, and a node gives the bits of its children added by <see cref="GradientSum"/>.
/// </summary>
public sealed class GradientLane
{
    private readonly ParameterLayout _layout;
    private readonly Examples _examples;
    private readonly ExampleOrder _order;
    private readonly ReductionTree _tree;
    private readonly int[] _bounds;
    private readonly Loss _loss;
    private int _rows;
    private (TreeNode Node, long Step)? _prepared;

    /// <summary>Creates a lane of a run.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="layout">Layout of its model.</param>
    /// <param name="trainingExamples">The training file, or at least its first TrainingExamples examples.</param>
    /// <param name="order">Order of the examples, shared by lanes.</param>
    /// <exception cref="ArgumentException">The examples do not match the spec.</exception>
    public GradientLane(RunSpec spec, ParameterLayout layout, Examples trainingExamples, ExampleOrder order)
        : this(spec, layout, trainingExamples, order, KernelDispatch.Width)
    {
    }

    /// <summary>Creates a lane with a given form of the kernels.</summary>
    internal GradientLane(RunSpec spec, ParameterLayout layout, Examples trainingExamples, ExampleOrder order, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(trainingExamples);
        ArgumentNullException.ThrowIfNull(order);
        if (!spec.Model.Takes(trainingExamples.Shape))
            throw new ArgumentException(
                $"Examples have {trainingExamples.SizeText}; the model {spec.Model} takes {spec.Model.InputShape}.",
                nameof(trainingExamples));
        if (trainingExamples.Count < spec.Data.TrainingExamples)
            throw new ArgumentException(
                $"{trainingExamples.Count} examples; the run trains on {spec.Data.TrainingExamples}.", nameof(trainingExamples));
        if (trainingExamples.Classes > spec.Model.Classes)
            throw new ArgumentException(
                $"Examples have {trainingExamples.Classes} classes; the model {spec.Model} has {spec.Model.Classes}.",
                nameof(trainingExamples));
        if (spec.Augmentation?.ProblemWith(trainingExamples.Shape) is { } problem)
            throw new ArgumentException(problem, nameof(trainingExamples));
        _layout = layout;
        _examples = trainingExamples;
        _order = order;
        _tree = new ReductionTree(spec.Shards);
        _bounds = new int[spec.Shards + 1];
        Network = new Network(layout, width, new InputTraining(spec.Model.InputKeepProb, spec.Augmentation), spec.Seed);
        _loss = Loss.OfTraining(spec, Network.OutputStride, width);
    }

    /// <summary>The network and its memory.</summary>
    internal Network Network { get; }

    /// <summary>
    /// Computes in advance what a node needs independently of the weights: its examples, augmented, in the kernels' form, and its
    /// dropout masks. The next <see cref="Compute(TreeNode, BatchPosition, ReadOnlySpan{float}, Span{float})"/> of the same node and step
    /// is faster and gives the same bits.
    /// </summary>
    /// <param name="node">A node of the tree over the run's shards, of any level. Its shards may be empty.</param>
    /// <param name="batch">The batch.</param>
    /// <exception cref="ArgumentException">The node is not in the tree.</exception>
    public void Prepare(TreeNode node, BatchPosition batch)
    {
        if (!_tree.Contains(node))
            throw new ArgumentException($"{node} is not in the tree over {_tree.Shards} shards.", nameof(node));
        int first = batch.ShardStart(node.FirstShard, _tree.Shards);
        int count = batch.ShardStart(_tree.EndShard(node), _tree.Shards) - first;
        _prepared = null;
        if (count > 0)
            Network.Prepare(BatchRows.Of(batch, first, count));
        Load(batch, first, _order.Epoch(batch.Epoch).Slice(batch.First + first, count));
        _prepared = (node, batch.Step);
    }

    /// <summary>Computes the gradient sum (not the mean, without L2) over the examples of a node's shards.</summary>
    /// <param name="node">A node of the tree over the run's shards, of any level. Its shards may be empty.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="gradient">
    /// Overwritten completely: the gradient sums of the trainable part of the flat vector, padding zero, no value -0.
    /// </param>
    /// <exception cref="ArgumentException">The node is not in the tree, or a vector's length is not that of the layout.</exception>
    public NodeStatistics Compute(TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        if (_prepared != (node, batch.Step))
            Prepare(node, batch);
        return ComputeLoaded(node, batch, weights, gradient);
    }

    /// <summary>Computes with given examples and the existing masks of the hidden layers.</summary>
    internal NodeStatistics Compute(
        TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights, Span<float> gradient, ReadOnlySpan<int> examples)
    {
        Load(batch, batch.ShardStart(node.FirstShard, _tree.Shards), examples);
        return ComputeLoaded(node, batch, weights, gradient);
    }

    private void Load(BatchPosition batch, int firstPosition, ReadOnlySpan<int> examples)
    {
        _rows = examples.Length;
        if (examples.IsEmpty)
            return;
        _loss.Load(_examples, examples);
        Network.Load(_examples, examples, BatchRows.Of(batch, firstPosition, examples.Length));
    }

    private NodeStatistics ComputeLoaded(TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        _prepared = null; // Deltas reuse some of its memory.
        if (weights.Length != _layout.Length || gradient.Length != _layout.TrainableLength)
            throw new ArgumentException(
                $"{weights.Length} weights and {gradient.Length} gradients; the layout has {_layout.Length} and "
                    + $"{_layout.TrainableLength}.");
        if (_rows == 0)
        {
            gradient.Clear();
            return default;
        }

        Span<int> bounds = _bounds.AsSpan(0, _tree.Width(node) + 1);
        int first = batch.ShardStart(node.FirstShard, _tree.Shards);
        for (int s = 0; s < bounds.Length; s++)
            bounds[s] = batch.ShardStart(node.FirstShard + s, _tree.Shards) - first;

        Network.Forward(weights, bounds, isTraining: true);
        NodeStatistics statistics = RunLoss(Network.Output, bounds);
        Network.Backward(weights, bounds, gradient);
        return statistics;
    }

    /// <summary>Converts outputs to deltas; adds the statistics of the shards along the tree.</summary>
    private NodeStatistics RunLoss(Span<float> outputs, ReadOnlySpan<int> bounds)
    {
        if (bounds.Length == 2)
            return _loss.Run(outputs, bounds[0], bounds[1]);
        int shards = bounds.Length - 1;
        int left = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)shards) / 2;
        return RunLoss(outputs, bounds[..(left + 1)]) + RunLoss(outputs, bounds[left..]);
    }
}
