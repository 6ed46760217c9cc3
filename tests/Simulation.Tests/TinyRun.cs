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
/// The run that every simulation trains: small, with dropout, momentum, L2, short last batches and seven epochs, long enough for the usual
/// time of a step to be known. Its fault-free course comes from <see cref="LocalTrainer"/>; node gradients at these weights are pure
/// functions, computed once. Nothing in here changes afterwards.
/// </summary>
internal static class TinyRun
{
    public const int Steps = 28;
    public const int Shards = 4;
    public const int CheckpointEvery = 3;
    public const int EvaluateEvery = 8;

    private static readonly float[][] WeightsAfter = new float[Steps + 1][];
    private static readonly float[][] VelocityAfter = new float[Steps + 1][];
    private static readonly NodeStatistics[] StatisticsOf = new NodeStatistics[Steps];
    private static readonly Dictionary<(int Step, TreeNode Node), SimGradient> Gradients = [];

    static TinyRun()
    {
        const int examples = 30, pixels = 6;
        byte[] values = [.. Enumerable.Range(
            0,
            (examples + 3) * pixels).Select(i =>
                Philox4x32.Block((uint)i, 0, 0, 0, 5)[0] is var word && word % 3 == 0 ? (byte)0 : (byte)(word >> 24))];
        byte[] labels = [.. Enumerable.Range(0, examples + 3).Select(i => (byte)(Philox4x32.Block((uint)i, 1, 0, 0, 5)[0] % 3))];
        var images = ImageSet.FromDense(values, labels, 1, pixels);
        Data = new Dataset("tiny", images, images.Slice(0, 2));
        Spec = new RunSpec
        {
            Model = ModelSpec.Parse("6-5-3", keepProb: 0.7),
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
        Layout = new ParameterLayout(Spec.Model);
        EncodedSpec = RunSpecCodec.Encode(Spec);
        Fingerprint = NumericsFingerprint.Compute(Spec.Model);

        var trainer = new LocalTrainer(Spec, Data.Training);
        (WeightsAfter[0], VelocityAfter[0]) = (trainer.Weights.ToArray(), trainer.State.ToArray());
        for (int step = 0; step < Steps; step++)
        {
            StatisticsOf[step] = trainer.Step();
            (WeightsAfter[step + 1], VelocityAfter[step + 1]) = (trainer.Weights.ToArray(), trainer.State.ToArray());
        }

        WeightsSha256 = trainer.WeightsSha256;
        var evaluator = new Evaluator(Spec.Model, Layout, Spec.Loss);
        BestStep = new[] { EvaluateEvery, 2 * EvaluateEvery, 3 * EvaluateEvery, Steps }.MinBy(
            step => evaluator.Evaluate(WeightsAfter[step], Data.Training, Data.TrainingExamples, Data.ValidationExamples).Of(BestMetric));
        GradientLane lane = NewLane();
        for (int step = 0; step < Steps; step++)
        {
            for (int level = 0; level <= Tree.Root.Level; level++)
            {
                for (int index = 0; index < Shards >> level; index++)
                {
                    var node = new TreeNode(level, index);
                    Gradients[(step, node)] = Compute(lane, node, BatchPosition.Of(Spec, step), WeightsAfter[step]);
                }
            }
        }
    }

    /// <summary>The validation result of the best checkpoint.</summary>
    public const ValidationMetric BestMetric = ValidationMetric.Loss;

    /// <summary>The step of the best checkpoint.</summary>
    public static long BestStep { get; }

    public static ReductionTree Tree { get; } = new(Shards);

    public static RunSpec Spec { get; }

    public static Dataset Data { get; }

    public static ParameterLayout Layout { get; }

    public static byte[] EncodedSpec { get; }

    public static string Fingerprint { get; }

    public static string WeightsSha256 { get; }

    public static TrainingOptions Options { get; }

    public static ReadOnlySpan<float> Weights(long completedSteps) => WeightsAfter[completedSteps];

    public static ReadOnlySpan<float> Velocity(long completedSteps) => VelocityAfter[completedSteps];

    public static NodeStatistics Statistics(long step) => StatisticsOf[step];

    /// <summary>The statistics since the last line of metrics, when so many steps are done.</summary>
    public static NodeStatistics Unreported(long completedSteps)
    {
        NodeStatistics sum = default;
        for (long step = completedSteps / EvaluateEvery * EvaluateEvery; step < completedSteps; step++)
            sum += StatisticsOf[step];
        return completedSteps == Steps ? default : sum;
    }

    public static GradientLane NewLane() => new(Spec, Layout, Data.Training, new ExampleOrder(Spec));

    /// <summary>A node's gradient at given weights. From the store where they are the fault-free run's, else computed.</summary>
    public static SimGradient Gradient(long step, TreeNode node, ReadOnlySpan<float> weights) =>
        weights.SequenceEqual(WeightsAfter[step])
            ? Gradients[((int)step, node)]
            : Compute(NewLane(), node, BatchPosition.Of(Spec, step), weights);

    public static SimGradient Compute(GradientLane lane, TreeNode node, BatchPosition batch, ReadOnlySpan<float> weights)
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
