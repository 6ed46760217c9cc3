using Lockstep.Cli.Commands;
using Lockstep.Cli.Options;
using Lockstep.Cli.Training;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Training;

public class TrainingPlanTests
{
    /// <summary>12 images of 2 x 2 pixels in two classes: 11 to train on, 1 for validation.</summary>
    private static readonly Dataset Data = new("tiny", Images(12), Images(2));

    [Fact]
    public void New_Epochs_CountsStepsOfTheLastShortBatchToo()
    {
        RunSpec spec = New(Settings((ModelOptions.Model, "4-3-2"), (TrainingOptions.BatchSize, "4"), (TrainingOptions.Epochs, "5")), Data);

        Assert.Equal(15, spec.TotalSteps);
        Assert.Equal(Data.Sha256, spec.Data.Sha256);
        Assert.Equal(0.8, Assert.IsType<DenseSpec>(spec.Model.Layers[0]).KeepProb);
        Assert.Equal(InitializerKind.He, spec.Model.Layers[0].Parameters[0].Spec.Initializer.Kind);
    }

    [Fact]
    public void New_Initializer_IsThatOfEveryLayer()
    {
        RunSpec spec = New(
            Settings(
                (ModelOptions.Model, "4-3-2"), (TrainingOptions.BatchSize, "4"), (ModelOptions.Initializer, "truncated_normal(0, 0.2)")),
            Data);

        Assert.All(
            spec.Model.Layers,
            layer => Assert.Equal(new Initializer(InitializerKind.TruncatedNormal, 0, 0.2), layer.Parameters[0].Spec.Initializer));
    }

    [Theory]
    [InlineData("784-2", "4", "takes 784 values, but an example of tiny has 2 x 2 = 4 pixels")]
    [InlineData("5x5-conv:2x3-2", "4", "the model must begin with 2x2x1, or with 'in', which is that of the data.")]
    [InlineData("4-2", "12", "--batch-size 12 is more than the 11 training images of tiny")]
    public void New_DoesNotFitTheData_IsRefused(string model, string batchSize, string expected)
    {
        Settings settings = Settings((ModelOptions.Model, model), (TrainingOptions.BatchSize, batchSize));

        var refused = Assert.Throws<RequestException>(() => New(settings, Data));

        Assert.Contains(expected, refused.Message);
    }

    [Fact]
    public void New_RateForANormalisation_LeavesItsAveragesAlone()
    {
        RunSpec spec = New(
            Settings(
                (ModelOptions.Model, "4-3-bn-2"), (OptimizerOptions.LearningRateFor, "norm0/*=0.5"), (TrainingOptions.BatchSize, "8"),
                (TrainingOptions.Shards, "2")),
            Data);

        Assert.Equal(
            [0.5, 0.5, null, null],
            spec.Model.Parameters.Where(parameter => parameter.Name.StartsWith("norm0", StringComparison.Ordinal))
                .Select(parameter => parameter.LearningRate));
    }

    [Fact]
    public void New_RateForAnAverage_IsRefused()
    {
        Settings settings = Settings((ModelOptions.Model, "4-3-bn-2"), (OptimizerOptions.LearningRateFor, "norm0/mean=0.5"));

        var refused = Assert.Throws<RequestException>(() => New(settings, Data));

        Assert.Contains("'norm0/mean' matches no learnt parameter of the model.", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("norm0/variance", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_TooFewClasses_IsRefused()
    {
        var threeClasses = new Dataset("tiny", Images(12, classes: 3), Images(3, classes: 3));

        var refused = Assert.Throws<RequestException>(
            () => New(Settings((ModelOptions.Model, "4-2"), (TrainingOptions.BatchSize, "4")), threeClasses));

        Assert.Contains("tells 2 classes apart, but tiny has 3", refused.Message);
    }

    [Fact]
    public void Resumed_NothingGiven_IsTheSpecOfTheCheckpoint() => Assert.Null(ResumedOptions.LengthOf(Settings(), Samples.Spec));

    [Theory]
    [InlineData(false, ValidationMetric.Accuracy, null, "3", true)]
    [InlineData(false, ValidationMetric.Accuracy, null, "accuracy:3", true)]
    [InlineData(false, ValidationMetric.Loss, null, "3", false)]
    [InlineData(false, ValidationMetric.Loss, null, "loss:3", true)]
    [InlineData(false, ValidationMetric.Loss, 0.1, "3", true)]
    [InlineData(false, ValidationMetric.Loss, 0.1, "loss:3", true)]
    [InlineData(false, ValidationMetric.Loss, 0.1, "accuracy:3", false)]
    [InlineData(false, ValidationMetric.Accuracy, null, "4", false)]
    [InlineData(true, ValidationMetric.R2, null, "3", true)]
    [InlineData(true, ValidationMetric.R2, null, "r2:3", true)]
    [InlineData(true, ValidationMetric.R2, null, "loss:3", false)]
    public void Resumed_Patience_MayNameItsMetricOrNot(
        bool isRegression, ValidationMetric metric, double? target, string given, bool isSame)
    {
        RunSpec spec = Samples.Spec with
        {
            Loss = isRegression ? LossKind.TargetSquaredError : Samples.Spec.Loss,
            Stop = new StopSpec { Metric = metric, Target = target, Patience = 3, EverySteps = 1 },
        };

        Exception? refused = Record.Exception(() => ResumedOptions.LengthOf(Settings((TrainingOptions.Patience, given)), spec));

        Assert.Equal(isSame, refused is null);
        Assert.True(isSame || refused!.Message.Contains($"--patience {given} contradicts the checkpoint", StringComparison.Ordinal));
    }

    [Fact]
    public void Resumed_SameOptionsInOtherWords_AreNoContradiction()
    {
        Settings settings = Settings(
            (ModelOptions.Model, "784-32-10"), (OptimizerOptions.LearningRate, "1e-1"), (ModelOptions.KeepProb, ".8"),
            (TrainingOptions.Epochs, "2"),
            (OptimizerOptions.Schedule, "constant"), (ModelOptions.Initializer, "auto"), (DataOptions.Dataset, "mnist"));

        Assert.Equal(Samples.Spec.TotalSteps, ResumedOptions.LengthOf(settings, Samples.Spec));
    }

    [Fact]
    public void Resumed_Contradictions_AreAllReportedWithBothValues()
    {
        (ICliOption, string)[] given =
        [
            (ModelOptions.Model, "logistic"), (ModelOptions.Initializer, "zeros"), (ModelOptions.KeepProb, "0.5"),
            (TrainingOptions.BatchSize, "64"),
            (TrainingOptions.Shards, "8"), (TrainingOptions.Seed, "8"), (OptimizerOptions.LearningRate, "0.2"),
            (OptimizerOptions.Schedule, "cosine"),
            (OptimizerOptions.Momentum, "0"), (OptimizerOptions.L2, "1"), (DataOptions.Dataset, "kmnist"), (TrainingOptions.Steps, "99"),
        ];

        var refused = Assert.Throws<RequestException>(() => ResumedOptions.LengthOf(Settings(given), Samples.Spec));

        Assert.Equal(given.Length, refused.Messages.Count);
        Assert.Contains(
            refused.Messages,
            message => message.StartsWith(
                "--batch-size 64 contradicts the checkpoint, whose run has --batch-size 20.", StringComparison.Ordinal));
        Assert.Contains(
            refused.Messages,
            message => message.StartsWith("--steps 99 is shorter than the run, which has 100 steps (2 epochs)", StringComparison.Ordinal));
    }

    /// <summary>The command that began a run may also resume it.</summary>
    [Theory]
    [InlineData("lenet5", true)]
    [InlineData("28x28-conv:6x5p2-pool2-conv:16x5-pool2-120-84-out", true)]
    [InlineData("conv:6x5p2-pool2-120-84-out", false)]
    [InlineData("28x29-conv:6x5p2-pool2-120-84-out", false)]
    public void Resumed_ModelWithSizesOfTheData_MayBeGivenAgain(string text, bool isTheRuns)
    {
        RunSpec spec = Samples.Spec with { Model = NetworkText.Parse("lenet5").ToModel(new TensorShape(28, 28, 1), classes: 10) };

        Exception? refusal = Record.Exception(() => ResumedOptions.LengthOf(Settings((ModelOptions.Model, text)), spec));

        Assert.Equal(isTheRuns, refusal is null);
        Assert.True(refusal?.Message.StartsWith($"--model {text} contradicts the checkpoint", StringComparison.Ordinal) ?? true);
    }

    /// <summary>The command that began a run may also resume it.</summary>
    [Fact]
    public void Resumed_SettingsThatNotEveryRunHas_MustBeThoseOfTheRun()
    {
        RunSpec spec = Samples.Spec with
        {
            LabelSmoothing = 0.1,
            ClassWeights = [.. Enumerable.Repeat(2.5, Samples.Spec.Model.Classes)],
            Optimizer = (SgdSpec)Samples.Spec.Optimizer with { IsNesterov = true, ClipNorm = 5 },
            Augmentation = AugmentationSpec.Parse("digits"),
        };
        string weights = string.Join(',', spec.ClassWeights.Select(_ => "2.50"));
        (ICliOption, string)[] same =
        [
            (OptimizerOptions.Nesterov, "true"), (OptimizerOptions.ClipNorm, "5.0"), (TrainingOptions.LabelSmoothing, "0.1"),
            (TrainingOptions.ClassWeights, weights), (TrainingOptions.Augment, "digits"),
        ];
        (ICliOption, string)[] none =
            [(OptimizerOptions.Nesterov, "false"), (TrainingOptions.LabelSmoothing, "0")];

        Assert.Null(ResumedOptions.LengthOf(Settings(same), spec));
        Assert.Null(ResumedOptions.LengthOf(Settings((TrainingOptions.ClassWeights, "balanced")), spec));
        Assert.Null(ResumedOptions.LengthOf(Settings(none), Samples.Spec));
        Assert.Equal(2, Assert.Throws<RequestException>(() => ResumedOptions.LengthOf(Settings(none), spec)).Messages.Count);
        var refused = Assert.Throws<RequestException>(() => ResumedOptions.LengthOf(Settings(same), Samples.Spec));
        Assert.Equal(5, refused.Messages.Count);
        Assert.StartsWith(
            "--clip-norm 5.0 contradicts the checkpoint, whose run has no --clip-norm.", refused.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Resumed_InitFromOfARunThatBeganWithInitialParameters_IsRefused()
    {
        var refused = Assert.Throws<RequestException>(
            () => ResumedOptions.LengthOf(Settings((RestoreOptions.InitFrom, "runs/x")), Samples.Spec));

        Assert.Contains("did not begin with restored parameters", refused.Message);
    }

    [Fact]
    public void Resumed_InitFromOfARunThatBeganWithRestoredParameters_IsNoContradiction() =>
        Assert.Null(ResumedOptions.LengthOf(
            Settings((RestoreOptions.InitFrom, "runs/x")), Samples.Spec with { RestoredSha256 = new string('a', 64) }));

    [Theory]
    [InlineData("constant")]
    [InlineData("step:1:0.5")]
    [InlineData("constant+warmup:10")]
    public void Resumed_MoreEpochs_LengthensTheRun(string schedule)
    {
        RunSpec spec = Samples.Spec with { Optimizer = Samples.Spec.Optimizer with { Schedule = LearningRateSchedule.Parse(schedule) } };

        Assert.Equal(150, ResumedOptions.LengthOf(Settings((TrainingOptions.Epochs, "3")), spec));
    }

    [Fact]
    public void Resumed_MoreEpochsUnderCosine_IsRefusedWithTheReason()
    {
        RunSpec spec = Samples.Spec with { Optimizer = Samples.Spec.Optimizer with { Schedule = LearningRateSchedule.Parse("cosine") } };

        var refused = Assert.Throws<RequestException>(() => ResumedOptions.LengthOf(Settings((TrainingOptions.Epochs, "3")), spec));

        Assert.Contains("its cosine schedule spreads over the whole length", refused.Message);
    }

    private static RunSpec New(Settings settings, Dataset data) => TrainingPlan.New(settings, ModelPlan.Build(settings, data), data).Run;

    private static Settings Settings(params (ICliOption Option, string Text)[] given)
    {
        var problems = new Problems();
        CommandLine.Request request = CommandLine.Parse(
            ["train", .. given.SelectMany(option => new[] { option.Option.Name, option.Text })], problems);
        var settings = Lockstep.Cli.Options.Settings.Resolve(request.Options, request.Given, new Dictionary<string, string>(), problems);
        Assert.Empty(problems.Messages);
        return settings;
    }

    private static ImageSet Images(int count, int classes = 2)
    {
        byte[] pixels = new byte[count * 4];
        byte[] labels = new byte[count];
        for (int image = 0; image < count; image++)
            (pixels[4 * image + image % 4], labels[image]) = (200, (byte)(image % classes));
        return ImageSet.FromDense(pixels, labels, 2, 2);
    }
}
