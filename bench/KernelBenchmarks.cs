using BenchmarkDotNet.Attributes;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Bench;

/// <summary>The parts of a training step on synthetic digits, 784-256-10, B = 128, on one thread.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private const int Batch = 128;
    private GradientLane _lane = null!;
    private Optimizer _optimizer = null!;
    private BatchPosition _batch;
    private AlignedBuffer _weights = null!, _velocity = null!, _gradient = null!, _other = null!;

    /// <summary>Shards of the batch: the finer, the more sums of the tree.</summary>
    [Params(1, 8)]
    public int Shards { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Dataset data = SyntheticDigits.Create();
        var spec = new RunSpec
        {
            Model = ModelSpec.Parse("784-256-10", keepProb: 0.5),
            Seed = 1,
            BatchSize = Batch,
            Shards = Shards,
            TotalSteps = 1000,
            Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 1e-4 },
            Data = new DataSpec { Name = data.Name, Sha256 = "", TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples },
        };
        var layout = new ParameterLayout(spec.Model);
        (_weights, _velocity, _gradient, _other) = (new(layout.Length), new(layout.Length), new(layout.Length), new(layout.Length));
        Initialization.Fill(spec, layout, _weights.Span);
        _lane = new GradientLane(spec, layout, data.Training, new ExampleOrder(spec));
        _optimizer = Optimizer.Create(spec, layout);
        _batch = BatchPosition.Of(spec, 3);
    }

    /// <summary>Forward and backward of a whole batch.</summary>
    [Benchmark]
    public NodeStatistics Gradient() => _lane.Compute(new ReductionTree(Shards).Root, _batch, _weights.Span, _gradient.Span);

    /// <summary>One addition of the reduction tree.</summary>
    [Benchmark]
    public void AddNodes() => GradientSum.Add(_gradient.Span, _other.Span, _other.Span);

    /// <summary>The hash that the coordinator writes into the trace after every step.</summary>
    [Benchmark]
    public Hash128 HashWeights() => WeightsHash.Of(_weights.Span);

    /// <summary>The optimizer's pass over all parameters.</summary>
    [Benchmark]
    public void Update() => _optimizer.Apply(_batch, _other.Span, _weights.Span, _velocity.Span, _other.Span);
}
