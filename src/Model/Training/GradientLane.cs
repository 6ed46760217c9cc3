using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Losses;
using Lockstep.Model.Random;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// Computes gradient sums of tree nodes. One per compute thread: it owns the memory it works in, and allocates nothing once that has grown
/// to the largest node. Equal arguments give equal bits, and a node gives the bits of its children added up by <see cref="GradientSum"/>.
/// </summary>
public sealed class GradientLane
{
    private readonly RunSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly ImageSet _images;
    private readonly ExampleOrder _order;
    private readonly ReductionTree _tree;
    private readonly SimdWidth _width;
    private readonly int[] _bounds;
    private readonly ThinnedPixels? _thinned;
    private byte[] _labels = [];
    private int _rows;
    private (TreeNode Node, long Step)? _prepared;

    /// <summary>A lane of a run.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="layout">Layout of its model.</param>
    /// <param name="trainingImages">The training file, or at least its first TrainingExamples images.</param>
    /// <param name="order">Order of the examples; lanes share it.</param>
    /// <exception cref="ArgumentException">The images do not fit the spec.</exception>
    public GradientLane(RunSpec spec, ParameterLayout layout, ImageSet trainingImages, ExampleOrder order)
        : this(spec, layout, trainingImages, order, KernelDispatch.Width)
    {
    }

    /// <summary>A lane with a given form of the kernels.</summary>
    internal GradientLane(RunSpec spec, ParameterLayout layout, ImageSet trainingImages, ExampleOrder order, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(trainingImages);
        ArgumentNullException.ThrowIfNull(order);
        if (trainingImages.Pixels != spec.Model.Inputs)
            throw new ArgumentException($"Images have {trainingImages.Pixels} pixels; the model {spec.Model} takes {spec.Model.Inputs}.", nameof(trainingImages));
        if (trainingImages.Count < spec.Data.TrainingExamples)
            throw new ArgumentException($"{trainingImages.Count} images; the run trains on {spec.Data.TrainingExamples}.", nameof(trainingImages));
        if (trainingImages.Classes > spec.Model.Classes)
            throw new ArgumentException($"Images have {trainingImages.Classes} classes; the model {spec.Model} tells {spec.Model.Classes} apart.", nameof(trainingImages));
        (_spec, _layout, _images, _order, _width) = (spec, layout, trainingImages, order, width);
        _tree = new ReductionTree(spec.Shards);
        _bounds = new int[spec.Shards + 1];
        _thinned = spec.Model.InputKeepProb < 1.0 ? new ThinnedPixels(spec, width) : null;
        Network = new Network(layout, width);
    }

    /// <summary>The passes and their memory.</summary>
    internal Network Network { get; }

    /// <summary>
    /// Does beforehand what a node takes that does not depend on the weights: its images, turned on their side, and its dropout masks. The next
    /// <see cref="Compute(TreeNode, BatchPosition, ReadOnlySpan{float}, Span{float})"/> of the same node and step is the shorter, and gives the same bits.
    /// </summary>
    /// <param name="node">A node of the tree over the run's shards, of any level. Its shards may be empty.</param>
    /// <param name="batch">The batch.</param>
    /// <exception cref="ArgumentException">The node is not in the tree.</exception>
    public void Prepare(TreeNode node, BatchPosition batch)
    {
        if (!_tree.Contains(node))
            throw new ArgumentException($"{node} is not in the tree over {_tree.Shards} shards.", nameof(node));
        int first = batch.ShardStart(node.FirstShard, _tree.Shards);
        int rows = batch.ShardStart(_tree.EndShard(node), _tree.Shards) - first;
        _prepared = null;
        if (rows > 0)
            DrawMasks(batch.Step, first, rows);
        Load(batch.Step, first, _order.Epoch(batch.Epoch).Slice(batch.First + first, rows));
        _prepared = (node, batch.Step);
    }

    /// <summary>Computes the gradient sum (not the mean, without L2) over the examples of a node's shards.</summary>
    /// <param name="node">A node of the tree over the run's shards, of any level. Its shards may be empty.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="gradient">Every float is written: the gradient sums of the trainable part of the flat vector, padding zero, no value -0.</param>
    /// <exception cref="ArgumentException">The node is not in the tree, or a vector's length is not that of the layout.</exception>
    public NodeStatistics Compute(TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        if (_prepared != (node, batch.Step))
            Prepare(node, batch);
        return ComputeLoaded(node, batch, weights, gradient);
    }

    /// <summary>The same, for given examples and with the masks of the hidden layers as they are.</summary>
    internal NodeStatistics Compute(TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights, Span<float> gradient, ReadOnlySpan<int> examples)
    {
        Load(batch.Step, batch.ShardStart(node.FirstShard, _tree.Shards), examples);
        return ComputeLoaded(node, batch, weights, gradient);
    }

    private void Load(long step, int firstPosition, ReadOnlySpan<int> examples)
    {
        _rows = examples.Length;
        if (examples.IsEmpty)
            return;
        if (_labels.Length < examples.Length)
            _labels = new byte[examples.Length];
        ReadOnlySpan<byte> labels = _images.Labels;
        for (int i = 0; i < examples.Length; i++)
            _labels[i] = labels[examples[i]];
        _thinned?.Fill(_images, examples, step, firstPosition);
        Network.Load(_thinned is null ? new PixelBatch(_images, examples) : _thinned.Batch);
    }

    private NodeStatistics ComputeLoaded(TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights, Span<float> gradient)
    {
        _prepared = null; // Deltas take the place of some of it.
        if (weights.Length != _layout.Length || gradient.Length != _layout.TrainableLength)
            throw new ArgumentException($"{weights.Length} weights and {gradient.Length} gradients; the layout has {_layout.Length} and {_layout.TrainableLength}.");
        if (_rows == 0)
        {
            gradient.Clear();
            return default;
        }

        Span<int> bounds = _bounds.AsSpan(0, _tree.Width(node) + 1);
        int first = batch.ShardStart(node.FirstShard, _tree.Shards);
        for (int s = 0; s < bounds.Length; s++)
            bounds[s] = batch.ShardStart(node.FirstShard + s, _tree.Shards) - first;

        Network.Forward(weights, dropout: true);
        NodeStatistics statistics = Loss(Network.Logits(_rows), bounds);
        Network.Backward(weights, bounds, gradient);
        return statistics;
    }

    private void DrawMasks(long step, int firstPosition, int rows)
    {
        for (int i = 0; i < _layout.Layers.Count - 1; i++)
        {
            (LayerSpec layer, Parameter w, _) = _layout.Layers[i];
            if (layer.KeepProb < 1.0)
                DropoutMask.Fill(_width, Network.Mask(i, rows), w.Stride, DropoutMask.Threshold(layer.KeepProb), _spec.Seed, step, i, firstPosition);
        }
    }

    /// <summary>Turns logits into deltas; adds the statistics of the shards along the tree.</summary>
    private NodeStatistics Loss(Span<float> logits, ReadOnlySpan<int> bounds)
    {
        if (bounds.Length > 2)
        {
            int shards = bounds.Length - 1;
            int left = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)shards) / 2;
            return Loss(logits, bounds[..(left + 1)]) + Loss(logits, bounds[left..]);
        }

        int stride = _layout.Layers[^1].Weights.Stride;
        (int first, int end) = (bounds[0], bounds[1]);
        return SoftmaxCrossEntropy.Run(_width, logits[(first * stride)..(end * stride)], _labels.AsSpan(first, end - first), _spec.Model.Classes, stride);
    }
}
