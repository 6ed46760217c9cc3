using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Tests;

/// <summary>Values of every kind that crosses the wire or the disk.</summary>
internal static class Samples
{
    public static IReadOnlyList<IRunMessage> Messages { get; } =
    [
        new JoinRun(new WorkerInfo("höst", 4711, 2, "0.1.0+abc", "X64, 512-bit vectors", "00ff"), Attempt: 2),
        new RunOffered(0xFEDC_BA98_7654_3210, 7, "127.0.0.1", 40_123, [.. Enumerable.Range(0, 16).Select(i => (byte)i)]),
        new JoinRefused("no"),
        new RunEnded(true, "done"),
        new FindLeader("0.1.0+abc"),
        new LeaderFound("10.0.0.1:4053", IsLeading: false, Step: 1L << 40, Workers: 3, Term: 8),
    ];

    public static ClusterSecret Secret { get; } = ClusterSecret.Parse("the secret of these tests"u8, "file");

    public static ClusterSecret OtherSecret { get; } = ClusterSecret.Parse("the secret of those tests"u8, "file");

    public static RunSpec Spec { get; } = new()
    {
        Model = (ModelSpec.Parse("6-5-3", keepProb: 0.8) with { InputKeepProb = 0.9 }).WithParameters(parameter => parameter.Name switch
        {
            "layer0/weights" => parameter with { L2 = 0.5, LearningRate = 0.01 },
            "layer0/biases" => parameter with { IsTrainable = false, Initializer = Initializer.Parse("uniform(-0.5, 0.25)") },
            _ => parameter,
        }),
        RestoredSha256 = string.Concat(Enumerable.Repeat("fedcba9876543210", 4)),
        Seed = 0xDEAD_BEEF_0000_0001,
        BatchSize = 128,
        Shards = 8,
        TotalSteps = 6_450,
        Optimizer = new SgdSpec
        {
            LearningRate = 0.1,
            Schedule = new LearningRateSchedule { Kind = ScheduleKind.Step, EveryEpochs = 5, Factor = 0.5, FinalShare = 0.25, WarmupSteps = 20 },
            Momentum = 0.9,
            L2 = 1e-4,
        },
        Data = new DataSpec
        {
            Name = "mnist",
            Sha256 = string.Concat(Enumerable.Repeat("0123456789abcdef", 4)),
            TrainingExamples = 55_000,
            ValidationExamples = 5_000,
        },
    };

    /// <summary>The same with an optimizer that version 1 of the formats does not have.</summary>
    public static RunSpec AdamWSpec { get; } = Spec with
    {
        Optimizer = new AdamWSpec
        {
            LearningRate = 0.001,
            Schedule = Spec.Optimizer.Schedule,
            L2 = 1e-5,
            Beta1 = 0.8,
            Beta2 = 0.98,
            Epsilon = 1e-7,
            WeightDecay = 0.05,
        },
    };

    /// <summary>The same with all that version 3 of the formats does not have.</summary>
    public static RunSpec TargetsSpec { get; } = Spec with
    {
        LabelSmoothing = 0.1,
        ClassWeights = [1.0 / 3, 2, 0],
        Optimizer = (SgdSpec)Spec.Optimizer with { IsNesterov = true, ClipNorm = 5 },
    };

    /// <summary>The same with augmented images.</summary>
    public static RunSpec AugmentedSpec { get; } = Spec with
    {
        Augmentation = AugmentationSpec.Parse("shift:2,rotate:10,scale:0.1,elastic:4.5,flip,vflip:1,noise:0.05,cutout:6"),
    };

    /// <summary>The same with targets instead of classes.</summary>
    public static RunSpec RegressionSpec { get; } = Spec with
    {
        Loss = LossKind.TargetSquaredError,
        Data = Spec.Data with
        {
            Preparation = new Preparation
            {
                Inputs = new TableSpec(
                    [.. Enumerable.Range(0, 6).Select(i => new NumberColumn($"x{i}", i, 1 + i))], FillsMissing: true),
                Classes = [],
                Split = new SplitSpec(0.1, 0.1, 1),
                Targets =
                [
                    new TargetSpec("länge", -1.5, 0.25), new TargetSpec("price", 364_004.5, 176_996.8), new TargetSpec("r", 0, 1e-300),
                ],
            },
        },
    };

    /// <summary>A small checkpoint, different for every step.</summary>
    public static Checkpoint Checkpoint(long step) => Checkpoint(step, Spec);

    /// <summary>The same of a given spec.</summary>
    public static Checkpoint Checkpoint(long step, RunSpec spec)
    {
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length], state = new float[spec.Optimizer.Slots.Count * layout.TrainableLength];
        foreach (Parameter parameter in layout.Parameters)
        {
            float[] values = new float[parameter.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = step + i * 0.37f;
            parameter.CopyIn(values, weights);
            Array.Reverse(values);
            for (int slot = 0; slot < spec.Optimizer.Slots.Count && parameter.IsTrainable; slot++)
                parameter.CopyIn(
                    [.. values.Select(value => value / (1 << slot))], state.AsSpan(slot * layout.TrainableLength, layout.TrainableLength));
        }

        return new Checkpoint
        {
            RunId = "0123456789abcdef",
            Term = 2,
            Spec = spec,
            Step = step,
            Parameters = CheckpointTensors.CopyFrom(layout, weights),
            Slots = CheckpointTensors.CopySlotsFrom(layout, spec.Optimizer.Slots, state),
            Unreported = new NodeStatistics(123.456, 78, 128),
            WeightsSha256 = WeightsDigest.Sha256(layout, weights),
        };
    }
}
