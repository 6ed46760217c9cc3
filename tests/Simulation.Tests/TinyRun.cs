using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Random;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Packing;

namespace Lockstep.Simulation.Tests;

/// <summary>
/// A run that simulations train: small, with dropout, momentum, L2, short last batches and seven epochs, long enough for the usual
/// time of a step to be known. Its fault-free course comes from <see cref="LocalTrainer"/>; node gradients at these weights are pure
/// functions, computed once. Nothing in here changes afterwards.
/// </summary>
internal sealed class TinyRun
{
    public const int Steps = 28;
    public const int Shards = 4;
    public const int CheckpointEvery = 3;
    public const int EvaluateEvery = 8;

    private static readonly Lazy<TinyRun> Dense = new(() => new TinyRun("6-5-3"));
    private static readonly Lazy<TinyRun> Maps = new(() => new TinyRun("2x3-conv:3x2p1-bn-5-3"));

    private readonly float[][] _weightsAfter = new float[Steps + 1][];
    private readonly float[][] _velocityAfter = new float[Steps + 1][];
    private readonly NodeStatistics[] _statisticsOf = new NodeStatistics[Steps];
    private readonly Dictionary<(int Step, TreeNode Node), SimGradient> _gradients = [];

    private TinyRun(string model)
    {
        const int examples = 30, height = 2, width = 3, pixels = height * width;
        byte[] values = [.. Enumerable.Range(
            0,
            (examples + 3) * pixels).Select(i =>
                Philox4x32.Block((uint)i, 0, 0, 0, 5)[0] is var word && word % 3 == 0 ? (byte)0 : (byte)(word >> 24))];
        byte[] labels = [.. Enumerable.Range(0, examples + 3).Select(i => (byte)(Philox4x32.Block((uint)i, 1, 0, 0, 5)[0] % 3))];
        var images = ImageSet.FromDense(values, labels, height, width);
        Data = new Dataset("tiny", images, images.Slice(0, 2));
        Spec = new RunSpec
        {
            Model = ModelSpec.Parse(model, keepProb: 0.7),
            Seed = 2026,
            BatchSize = 8,
            Shards = Shards,
            TotalSteps = Steps,
            Optimizer = new SgdSpec { LearningRate = 0.2, Schedule = new LearningRateSchedule { Kind = ScheduleKind.Cosine, WarmupSteps = 2 }, Momentum = 0.9, L2 = 0.01 },
            Data = new DataSpec { Name = Data.Name, Sha256 = Data.Sha256, TrainingExamples = examples, ValidationExamples = 3 },
        };
        Options = new TrainingOptions
        {
            Spec = Spec,
            Data = Data,
            CheckpointDirectory = "checkpoints",
            TraceFile = "trace.txt",
            MetricsFile = "metrics.jsonl",
            ReportSteps = true,
            WorkerTimeout = TimeSpan.FromSeconds(30),
            CheckpointEverySteps = CheckpointEvery,
            EvaluateEverySteps = EvaluateEvery,
            KeepCheckpoints = 2,
            MinWorkers = 2,
        };
        Examples = new Lazy<TrainingData>(() => TrainingData.Of(Data, examples));
        Layout = new ParameterLayout(Spec.Model);
        EncodedSpec = RunSpecCodec.Encode(Spec);
        Fingerprint = NumericsFingerprint.Compute(Spec.Model);

        var trainer = new LocalTrainer(Spec, Data.Training);
        (_weightsAfter[0], _velocityAfter[0]) = (trainer.Weights.ToArray(), trainer.State.ToArray());
        for (int step = 0; step < Steps; step++)
        {
            _statisticsOf[step] = trainer.Step();
            (_weightsAfter[step + 1], _velocityAfter[step + 1]) = (trainer.Weights.ToArray(), trainer.State.ToArray());
        }

        WeightsSha256 = trainer.WeightsSha256;
        var evaluator = new Evaluator(Spec.Model, Layout, Spec.Loss);
        BestStep = new[] { EvaluateEvery, 2 * EvaluateEvery, 3 * EvaluateEvery, Steps }.MinBy(
            step => evaluator.Evaluate(_weightsAfter[step], Data.Training, Data.TrainingExamples, Data.ValidationExamples).Of(BestMetric));
        GradientLane lane = NewLane();
        for (int step = 0; step < Steps; step++)
        {
            for (int level = 0; level <= Tree.Root.Level; level++)
            {
                for (int index = 0; index < Shards >> level; index++)
                {
                    var node = new TreeNode(level, index);
                    _gradients[(step, node)] = Compute(lane, node, BatchPosition.Of(Spec, step), _weightsAfter[step]);
                }
            }
        }
    }

    /// <summary>The run of a seed: a fifth of all train layers of maps, with batch normalisation.</summary>
    public static TinyRun Of(ulong seed) => (seed % 5 == 3 ? Maps : Dense).Value;

    /// <summary>The validation result of the best checkpoint.</summary>
    public const ValidationMetric BestMetric = ValidationMetric.Loss;

    /// <summary>The step of the best checkpoint.</summary>
    public long BestStep { get; }

    public static ReductionTree Tree { get; } = new(Shards);

    public RunSpec Spec { get; }

    public Dataset Data { get; }

    /// <summary>The training examples as they go to workers.</summary>
    public Lazy<TrainingData> Examples { get; }

    public ParameterLayout Layout { get; }

    public byte[] EncodedSpec { get; }

    public string Fingerprint { get; }

    public string WeightsSha256 { get; }

    public TrainingOptions Options { get; }

    public ReadOnlySpan<float> Weights(long completedSteps) => _weightsAfter[completedSteps];

    public ReadOnlySpan<float> Velocity(long completedSteps) => _velocityAfter[completedSteps];

    public NodeStatistics Statistics(long step) => _statisticsOf[step];

    /// <summary>The statistics since the last line of metrics, when so many steps are done.</summary>
    public NodeStatistics Unreported(long completedSteps)
    {
        NodeStatistics sum = default;
        for (long step = completedSteps / EvaluateEvery * EvaluateEvery; step < completedSteps; step++)
            sum += _statisticsOf[step];
        return completedSteps == Steps ? default : sum;
    }

    public GradientLane NewLane() => new(Spec, Layout, Data.Training, new ExampleOrder(Spec));

    /// <summary>A node's gradient at given weights. From the store where they are the fault-free run's, else computed.</summary>
    public SimGradient Gradient(long step, TreeNode node, ReadOnlySpan<float> weights) =>
        weights.SequenceEqual(_weightsAfter[step])
            ? _gradients[((int)step, node)]
            : Compute(NewLane(), node, BatchPosition.Of(Spec, step), weights);

    public SimGradient Compute(GradientLane lane, TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights)
    {
        float[] gradient = new float[Layout.TrainableLength];
        NodeStatistics statistics = lane.Compute(node, batch, weights, gradient);
        return new SimGradient(gradient, statistics);
    }
}

/// <summary>A node's gradient sum; never changed. With the slot of shared memory that it goes into, if it has one.</summary>
internal sealed record SimGradient(float[] Values, NodeStatistics Statistics, int? Slot = null)
{
    public static SimGradient Add(SimGradient left, SimGradient right)
    {
        float[] sum = new float[left.Values.Length];
        GradientSum.Add(left.Values, right.Values, sum);
        return new SimGradient(sum, left.Statistics + right.Statistics, left.Slot);
    }
}
