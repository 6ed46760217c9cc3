using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// The whole training in one process and on one thread: what a cluster's run is to equal, bit for bit. Start here to see what a step is.
/// </summary>
public sealed class LocalTrainer
{
    private readonly RunSpec _spec;
    private readonly GradientLane _lane;
    private readonly SgdOptimizer _optimizer;
    private readonly TreeNode _root;
    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _velocity;
    private readonly AlignedBuffer _gradient;

    /// <summary>A run from its beginning.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="trainingImages">The training file.</param>
    /// <exception cref="ArgumentException">The spec has problems, or the images do not fit it.</exception>
    public LocalTrainer(RunSpec spec, ImageSet trainingImages)
        : this(spec, trainingImages, KernelDispatch.Width)
    {
    }

    /// <summary>A run from the state after <paramref name="completedSteps"/> steps.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="trainingImages">The training file.</param>
    /// <param name="completedSteps">Steps that the state has seen.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="velocity">Optimizer state of its trainable part; empty without momentum.</param>
    /// <exception cref="ArgumentException">The spec has problems, or the images or the state do not fit it.</exception>
    public LocalTrainer(RunSpec spec, ImageSet trainingImages, long completedSteps, ReadOnlySpan<float> weights, ReadOnlySpan<float> velocity)
        : this(spec, trainingImages, KernelDispatch.Width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(completedSteps);
        if (weights.Length != _weights.Length || velocity.Length != _velocity.Length)
            throw new ArgumentException($"{weights.Length} weights and {velocity.Length} velocities; expected {_weights.Length} and {_velocity.Length}.");
        weights.CopyTo(_weights.Span);
        velocity.CopyTo(_velocity.Span);
        CompletedSteps = completedSteps;
    }

    internal LocalTrainer(RunSpec spec, ImageSet trainingImages, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec.ThrowIfInvalid();
        _spec = spec;
        Layout = new ParameterLayout(spec.Model);
        _lane = new GradientLane(spec, Layout, trainingImages, new ExampleOrder(spec), width);
        _optimizer = new SgdOptimizer(spec, Layout, width);
        _root = new ReductionTree(spec.Shards).Root;
        _weights = new AlignedBuffer(Layout.Length);
        _gradient = new AlignedBuffer(Layout.TrainableLength);
        _velocity = new AlignedBuffer(_optimizer.VelocityLength);
        Initialization.Fill(spec, Layout, _weights.Span);
    }

    /// <summary>Where each parameter lies in <see cref="Weights"/>.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Steps taken.</summary>
    public long CompletedSteps { get; private set; }

    /// <summary>The flat vector of parameters after these steps.</summary>
    public ReadOnlySpan<float> Weights => _weights.Span;

    /// <summary>Optimizer state of the trainable part after these steps; empty without momentum.</summary>
    public ReadOnlySpan<float> Velocity => _velocity.Span;

    /// <summary>Digest of <see cref="Weights"/> (see <see cref="WeightsDigest"/>).</summary>
    public string WeightsSha256 => WeightsDigest.Sha256(Layout, Weights);

    /// <summary>Takes one step and returns what its batch gave.</summary>
    /// <exception cref="DivergenceException">Its loss, or a weight that it wrote, is not finite. The state is of no use any more.</exception>
    public NodeStatistics Step()
    {
        BatchPosition batch = BatchPosition.Of(_spec, CompletedSteps);
        NodeStatistics statistics = _lane.Compute(_root, batch, _weights.Span, _gradient.Span);
        bool isFinite = _optimizer.Apply(batch, _gradient.Span, _weights.Span, _velocity.Span, _weights.Span);
        if (DivergenceException.Find(batch.Step, statistics.LossSum, isFinite, Layout, Weights) is { } diverged)
            throw diverged;
        CompletedSteps++;
        return statistics;
    }

    /// <summary>Takes a number of steps and returns what their batches gave together.</summary>
    public NodeStatistics Run(long steps)
    {
        NodeStatistics sum = default;
        for (long i = 0; i < steps; i++)
            sum += Step();
        return sum;
    }
}
