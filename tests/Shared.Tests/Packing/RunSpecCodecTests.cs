using System.Text;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;

namespace Lockstep.Shared.Tests.Packing;

public class RunSpecCodecTests
{
    private static readonly byte[] Good = RunSpecCodec.Encode(Samples.Spec);

    [Fact]
    public void Decode_WhatEncodeWrote_IsEqualInEveryField() =>
        Assert.Equivalent(Samples.Spec, RunSpecCodec.Decode(Good), strict: true);

    [Theory]
    [InlineData("12x9x3-conv:5x3s2p1-avgpool2s1-conv:4x2-pool2s1-6-10")]
    [InlineData("12x9x3-conv:5x3-bn-pool2-9-bn-6-ln-10")]
    public void Decode_EveryKindOfLayer_IsEqualInEveryField(string model)
    {
        RunSpec spec = Samples.Spec with { Model = ModelSpec.Parse(model, keepProb: 0.5) };

        Assert.Equal(spec.Model.Layers, RunSpecCodec.Decode(RunSpecCodec.Encode(spec)).Model.Layers);
    }

    [Fact]
    public void Decode_AdamW_IsEqualInEveryFieldAndRefusesWhatIsOutOfRange()
    {
        var good = (AdamWSpec)Samples.AdamWSpec.Optimizer;

        Assert.Equal(good, RunSpecCodec.Decode(RunSpecCodec.Encode(Samples.AdamWSpec)).Optimizer);
        AdamWSpec[] wrong = [good with { Beta1 = 1 }, good with { Beta2 = -0.1 }, good with { Epsilon = 0 }, good with { WeightDecay = double.NaN }, good with { L2 = -1 }];
        Assert.All(
            wrong,
            optimizer => Assert.Throws<FormatException>(
                () => RunSpecCodec.Decode(RunSpecCodec.Encode(Samples.Spec with { Optimizer = optimizer }))));
    }

    public static TheoryData<Func<RunSpec, RunSpec>> OfVersion4 =>
    [
        _ => Samples.TargetsSpec,
        good => good with { LabelSmoothing = 0.1 },
        good => good with { ClassWeights = Samples.TargetsSpec.ClassWeights },
        good => good with { Optimizer = good.Optimizer with { ClipNorm = 0.5 } },
        good => good with { Optimizer = (SgdSpec)good.Optimizer with { IsNesterov = true } },
        _ => Samples.AdamWSpec with { Optimizer = Samples.AdamWSpec.Optimizer with { ClipNorm = 0.5 } },
        good => good with { LabelSmoothing = 0.1, Data = good.Data with { Preparation = Prepared } },
    ];

    private static Preparation Prepared => new()
    {
        Inputs = new ImageSpec(2, 2, 1, IsResized: false), Classes = ["a", "b"], Label = null, Split = new SplitSpec(0.1, 0.1, 1),
    };

    /// <summary>What needs version 4 is kept, and what does not need it keeps its version.</summary>
    [Theory]
    [MemberData(nameof(OfVersion4))]
    public void Decode_NewSettings_AreEqualInEveryFieldAndOfVersion4(Func<RunSpec, RunSpec> change)
    {
        RunSpec spec = change(Samples.Spec);
        byte[] bytes = RunSpecCodec.Encode(spec);

        Assert.Equivalent(spec, RunSpecCodec.Decode(bytes), strict: true);
        int version = Encoding.Latin1.GetString(bytes).IndexOf("version", StringComparison.Ordinal) + "version".Length;
        Assert.Equal(4, bytes[version]);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => RunSpecCodec.Decode(bytes.AsMemory(0, length)));
    }

    /// <summary>Each spec has one form: what an earlier version can hold is not read from a later one.</summary>
    [Fact]
    public void Decode_LaterVersionThanNeeded_IsRefused()
    {
        byte[] bytes = RunSpecCodec.Encode(Samples.Spec with { LabelSmoothing = 0.1 });
        int value = Encoding.Latin1.GetString(bytes).IndexOf("labelSmoothing", StringComparison.Ordinal) + "labelSmoothing".Length + 1;
        bytes.AsSpan(value, sizeof(double)).Clear();

        var error = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(bytes));

        Assert.Contains("version is 4, expected 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0 / 3.0)]
    [InlineData(double.Epsilon)]
    [InlineData(float.MaxValue)]
    public void Decode_AnyDouble_KeepsEveryBit(double rate)
    {
        RunSpec spec = Samples.Spec with { Optimizer = Samples.Spec.Optimizer with { LearningRate = rate } };

        double actual = RunSpecCodec.Decode(RunSpecCodec.Encode(spec)).Optimizer.LearningRate;

        Assert.Equal(BitConverter.DoubleToInt64Bits(rate), BitConverter.DoubleToInt64Bits(actual));
    }

    [Theory]
    [InlineData(Activation.Linear)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.LeakyRelu)]
    public void Decode_AnyActivation_IsKept(Activation activation)
    {
        DenseSpec first = (DenseSpec)Samples.Spec.Model.Layers[0] with { Activation = activation };
        RunSpec spec = Samples.Spec with { Model = Samples.Spec.Model with { Layers = [first, Samples.Spec.Model.Layers[1]] } };

        Assert.Equal(activation, Assert.IsType<DenseSpec>(RunSpecCodec.Decode(RunSpecCodec.Encode(spec)).Model.Layers[0]).Activation);
    }

    [Fact]
    public void Decode_RuleThatStopsTheRun_IsKeptAndRefusedOutOfRange()
    {
        var target = new StopSpec { Metric = ValidationMetric.Accuracy, Target = 0.98, EverySteps = 430 };
        var patience = new StopSpec { Metric = ValidationMetric.Loss, Patience = 3, EverySteps = 1 };
        RunSpec both = Samples.AdamWSpec with { Loss = LossKind.MeanSquaredError, Stop = target with { Patience = 2 } };

        foreach (RunSpec spec in new[] { Samples.Spec with { Stop = target }, Samples.Spec with { Stop = patience }, both })
        {
            Assert.Equivalent(spec, RunSpecCodec.Decode(RunSpecCodec.Encode(spec)), strict: true);
            Assert.Equal(5, RunSpecCodec.VersionOf(spec));
        }

        StopSpec[] wrong =
        [
            target with { Target = 1.1 }, target with { Target = double.NaN }, target with { Target = null }, patience with { Patience = 0 },
            patience with { EverySteps = 0 }, patience with { Metric = (ValidationMetric)2 },
        ];
        Assert.All(
            wrong,
            stop => Assert.Throws<FormatException>(() => RunSpecCodec.Decode(RunSpecCodec.Encode(Samples.Spec with { Stop = stop }))));
    }

    public static TheoryData<Func<RunSpec, RunSpec>> Augmented =>
    [
        good => good,
        _ => Samples.AdamWSpec with { Loss = LossKind.MeanSquaredError },
        good => good with { Stop = new StopSpec { Metric = ValidationMetric.Loss, Patience = 3, EverySteps = 1 } },
        good => good with { Data = good.Data with { Preparation = Prepared } },
    ];

    [Theory]
    [MemberData(nameof(Augmented))]
    public void Decode_Augmentation_IsKeptInVersion6AndRefusedOutOfRange(Func<RunSpec, RunSpec> change)
    {
        AugmentationSpec all = Samples.AugmentedSpec.Augmentation!;
        RunSpec spec = change(Samples.Spec) with { Augmentation = all };
        byte[] bytes = RunSpecCodec.Encode(spec);

        Assert.Equivalent(spec, RunSpecCodec.Decode(bytes), strict: true);
        Assert.Equal(6, RunSpecCodec.VersionOf(spec));
        Assert.NotEqual(6, RunSpecCodec.VersionOf(spec with { Augmentation = null }));
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => RunSpecCodec.Decode(bytes.AsMemory(0, length)));
        AugmentationSpec[] wrong =
        [
            new(), all with { Shift = -1 }, all with { Shift = 129 }, all with { Rotate = 181 }, all with { Rotate = double.NaN },
            all with { Scale = 1 }, all with { Elastic = double.PositiveInfinity }, all with { Flip = -0.1 },
            all with { VerticalFlip = 1.1 }, all with { Noise = 2 }, all with { Cutout = int.MaxValue },
        ];
        Assert.All(
            wrong,
            other => Assert.Throws<FormatException>(() => RunSpecCodec.Decode(RunSpecCodec.Encode(spec with { Augmentation = other }))));
    }

    [Fact]
    public void Decode_AugmentationOfRows_IsRefused()
    {
        var table = new TableSpec([new NumberColumn("a", 0, 1)], FillsMissing: true);
        RunSpec spec = Samples.Spec with
        {
            Augmentation = AugmentationSpec.Parse("flip"),
            Data = Samples.Spec.Data with { Preparation = Prepared with { Inputs = table } },
        };

        var error = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(RunSpecCodec.Encode(spec)));

        Assert.Contains("The augmentation flip is for images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_Targets_AreKeptInVersion7()
    {
        var stop = new StopSpec { Metric = ValidationMetric.R2, Target = 0.9, Patience = 3, EverySteps = 1 };
        RunSpec unprepared = Samples.RegressionSpec with { Data = Samples.Spec.Data };
        RunSpec[] specs =
        [
            Samples.RegressionSpec, unprepared, unprepared with { Stop = stop }, Samples.RegressionSpec with { Stop = stop },
            Samples.RegressionSpec with { Optimizer = Samples.AdamWSpec.Optimizer },
        ];
        foreach (RunSpec spec in specs)
        {
            byte[] bytes = RunSpecCodec.Encode(spec);
            Assert.Equivalent(spec, RunSpecCodec.Decode(bytes), strict: true);
            Assert.Equal(7, RunSpecCodec.VersionOf(spec));
            Assert.Equal(bytes, RunSpecCodec.Encode(RunSpecCodec.Decode(bytes)));
        }

        // What has no targets is written as before, and is not read in this version.
        Assert.Equal(1, RunSpecCodec.VersionOf(Samples.Spec));
        byte[] later = RunSpecCodec.Encode(Samples.Spec with { Loss = LossKind.MeanSquaredError });
        later[^1] = (byte)LossKind.TargetSquaredError;
        Assert.Contains(
            "expected 7, the first that can hold it",
            Assert.Throws<FormatException>(() => RunSpecCodec.Decode(later)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_TargetsThatDoNotFit_AreRefused()
    {
        Preparation good = Samples.RegressionSpec.Data.Preparation!;
        RunSpec Of(Preparation preparation) =>
            Samples.RegressionSpec with { Data = Samples.RegressionSpec.Data with { Preparation = preparation } };

        RunSpec[] wrong =
        [
            Of(good with { Targets = [] }), Of(good with { Targets = [good.Targets[0]] }), Of(good with { Classes = ["a", "b"] }),
            Of(good with { Targets = [.. good.Targets.Take(2), new TargetSpec("r", 0, 0)] }),
            Of(good with { Targets = [.. good.Targets.Take(2), new TargetSpec("r", double.NaN, 1)] }),
            Samples.RegressionSpec with { LabelSmoothing = 0.1 }, Samples.RegressionSpec with { ClassWeights = [1, 1, 1] },
            Samples.RegressionSpec with { Stop = new StopSpec { Metric = ValidationMetric.Accuracy, Patience = 1, EverySteps = 1 } },
            Samples.Spec with { Stop = new StopSpec { Metric = ValidationMetric.R2, Patience = 1, EverySteps = 1 } },
        ];
        Assert.All(wrong, spec => Assert.Throws<FormatException>(() => RunSpecCodec.Decode(RunSpecCodec.Encode(spec))));
    }

    [Fact]
    public void Decode_AnotherLoss_IsKept()
    {
        RunSpec spec = Samples.Spec with { Loss = LossKind.MeanSquaredError };
        byte[] bytes = RunSpecCodec.Encode(spec);

        Assert.Equivalent(spec, RunSpecCodec.Decode(bytes), strict: true);
        // The default has one form: without an entry.
        bytes[^1] = (byte)LossKind.SoftmaxCrossEntropy;
        Assert.Contains(
            "loss is 0, expected 1", Assert.Throws<FormatException>(() => RunSpecCodec.Decode(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_UnknownKindOfLayer_SaysWhich()
    {
        // A layer's map of eight entries that begins with its kind, in place of dense's seven.
        int map = Encoding.Latin1.GetString(Good).IndexOf("layers", StringComparison.Ordinal) + "layers".Length + 1;
        byte[] bytes = [.. Good[..map], 0x88, 0xA4, .. "kind"u8, 0xA4, .. "pool"u8, .. Good[(map + 1)..]];
        Assert.Equal(0x87, Good[map]);

        var error = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(bytes));

        Assert.Contains("kind is 'pool', expected dense", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Checkpoints hold these bytes: a change of them is a new format version.</summary>
    [Fact]
    public void Encode_KnownSpec_HasTheGoldenBytes() => Assert.Equal(GoldenFile.Read("run-spec-v1.msgpack"), Good);

    [Fact]
    public void Encode_KnownSpecWithAdamW_HasTheGoldenBytes() =>
        Assert.Equal(GoldenFile.Read("run-spec-v2.msgpack"), RunSpecCodec.Encode(Samples.AdamWSpec));

    [Fact]
    public void Decode_CutAtAnyLength_IsRefused()
    {
        for (int length = 0; length < Good.Length; length++)
            Assert.Throws<FormatException>(() => RunSpecCodec.Decode(Good.AsMemory(0, length)));
        Assert.Throws<FormatException>(() => RunSpecCodec.Decode((byte[])[.. Good, 0]));
    }

    [Fact]
    public void Decode_AnyBitFlipped_IsReadOrRefused()
    {
        for (int i = 0; i < Good.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. Good];
                changed[i] ^= (byte)(1 << bit);
                try
                {
                    RunSpecCodec.Decode(changed);
                }
                catch (FormatException)
                {
                    // Any other exception fails the test.
                }
            }
        }
    }

    [Fact]
    public void Decode_LaterVersion_SaysWhichAndWhatToDo()
    {
        byte[] later = [.. Good];
        later[Encoding.Latin1.GetString(Good).IndexOf("version", StringComparison.Ordinal) + "version".Length] = RunSpecCodec.Version + 1;

        var error = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(later));

        Assert.Contains($"has format {RunSpecCodec.Version + 1}; this build reads 1 to {RunSpecCodec.Version}", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<RunSpec, RunSpec>> Nonsense
    {
        get
        {
            DenseSpec first = (DenseSpec)Samples.Spec.Model.Layers[0], last = (DenseSpec)Samples.Spec.Model.Layers[1];
            Func<RunSpec, RunSpec> WithLayers(params LayerSpec[] layers) => good => good with { Model = new ModelSpec { Layers = layers } };
            return new TheoryData<string, Func<RunSpec, RunSpec>>
            {
                { "batchSize", good => good with { BatchSize = 0 } },
                { "batchSize", good => good with { BatchSize = int.MaxValue } },
                { "shards", good => good with { Shards = RunSpec.MaxShards + 1 } },
                { "totalSteps", good => good with { TotalSteps = 0 } },
                { "learningRate", good => good with { Optimizer = good.Optimizer with { LearningRate = 0 } } },
                { "learningRate", good => good with { Optimizer = good.Optimizer with { LearningRate = double.NaN } } },
                { "momentum", good => good with { Optimizer = (SgdSpec)good.Optimizer with { Momentum = 1 } } },
                { "l2", good => good with { Optimizer = good.Optimizer with { L2 = double.PositiveInfinity } } },
                { "factor", good => good with { Optimizer = good.Optimizer with { Schedule = new LearningRateSchedule { Factor = 0 } } } },
                { "clipNorm", good => good with { Optimizer = good.Optimizer with { ClipNorm = 0 } } },
                { "clipNorm", good => good with { Optimizer = good.Optimizer with { ClipNorm = double.NaN } } },
                { "Nesterov momentum with momentum 0", good => good with {
                    Optimizer = (SgdSpec)good.Optimizer with { IsNesterov = true, Momentum = 0 } } },
                { "labelSmoothing", good => good with { LabelSmoothing = 1 } },
                { "labelSmoothing", good => good with { LabelSmoothing = double.NaN } },
                { "classWeights", good => good with { ClassWeights = [.. Enumerable.Repeat(-1.0, good.Model.Classes)] } },
                { "class weights for the", good => good with { ClassWeights = [1] } },
                { "257 elements", good => good with { ClassWeights = [.. Enumerable.Repeat(1.0, 257)] } },
                { "expected SoftmaxCrossEntropy", good => good with { LabelSmoothing = 0.1, Loss = LossKind.MeanSquaredError } },
                { "warmupSteps", good => good with { Optimizer = good.Optimizer with { Schedule = new LearningRateSchedule { WarmupSteps = -1 } } } },
                { "sha256", good => good with { Data = good.Data with { Sha256 = new string('G', 64) } } },
                { "trainingExamples", good => good with { Data = good.Data with { TrainingExamples = 0 } } },
                { "keepProb", WithLayers(first with { KeepProb = 0 }, last) },
                { "units", WithLayers(first with { Units = ModelSpec.MaxWidth + 1 }, last) },
                { "activation", WithLayers(first with { Activation = (Activation)99 }, last) },
                { "initializer", WithLayers(
                    first with { Weights = first.Weights with { Initializer = new Initializer((InitializerKind)9) } }, last) },
                { "initializer", WithLayers(
                    first with { Biases = first.Biases with { Initializer = new Initializer(InitializerKind.RandomNormal, 0, -1) } },
                    last) },
                { "l2", WithLayers(first with { Weights = first.Weights with { L2 = -1 } }, last) },
                { "learningRate", WithLayers(first with { Weights = first.Weights with { LearningRate = double.NaN } }, last) },
                { "the parameter name ''", WithLayers(first with { Weights = first.Weights with { Name = "" } }, last) },
                { "2 parameters have the name 'layer1/biases'", WithLayers(
                    first with { Weights = first.Weights with { Name = "layer1/biases" } }, last) },
                { "Every parameter is frozen", good => good with { Model = good.Model.WithParameters(
                    parameter => parameter with { IsTrainable = false }) } },
                { "inputKeepProb", good => good with { Model = good.Model with { InputKeepProb = 2 } } },
                { "restoredSha256", good => good with { RestoredSha256 = "abc" } },
                { "layer1 takes 3 values; the layer before gives 5", WithLayers(first, last with { Inputs = 3 }) },
                { "Two layers have the same name", WithLayers(first, last with { Name = first.Name }) },
                { "as it is the last layer", WithLayers(first) },
                { "0 elements", WithLayers() },
                { "parameters", WithLayers(first with { Inputs = 65_536, Units = 65_536 }, last with { Inputs = 65_536 }) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Decode_ValueOutOfRange_IsRefusedByName(string named, Func<RunSpec, RunSpec> change)
    {
        byte[] bytes = RunSpecCodec.Encode(change(Samples.Spec));

        var error = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(bytes));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
