using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Training;

namespace Lockstep.Tests;

/// <summary>Training on float features, by this process and by worker processes.</summary>
public class FeatureTrainingTests
{
    private static readonly Dataset Data = new("rings", Rings(seed: 1, 600), Rings(seed: 2, 200));
    private static readonly ModelSpec Net = new ModelBuilder(5).Dense(24, Activation.Tanh, keepProb: 0.9).Dense(3).Build();
    private static readonly TrainerOptions Options = new() { BatchSize = 50, Epochs = 20, LearningRate = 0.1 };

    private static readonly Dataset Targets = new("sums", Sums(seed: 1, 600), Sums(seed: 2, 200));
    private static readonly ModelSpec TargetNet = new ModelBuilder(5).Dense(24, Activation.Tanh).Dense(2).Build();
    private static readonly TrainerOptions TargetOptions = Options with { LearningRate = 0.05 };

    private static readonly Dataset Prepared = new("rings", Rings(seed: 1, 600), Rings(seed: 2, 200))
    {
        Preparation = new Preparation
        {
            Inputs = new TableSpec([.. Enumerable.Range(0, 5).Select(i => new NumberColumn($"x{i}", 0, 1))], FillsMissing: true),
            Classes = ["a", "b", "c"],
            Split = new SplitSpec(0.1, 0.1, 1),
        },
    };

    private static Examples ValidationRows => Targets.Training.Slice(Targets.TrainingExamples, Targets.ValidationExamples);

    [Theory]
    [InlineData(LossKind.SoftmaxCrossEntropy)]
    [InlineData(LossKind.MeanSquaredError)]
    public async Task TrainAsync_Features_LearnsAndIsReadBack(LossKind loss)
    {
        TrainingResult result = await new Trainer(Net, Data, Options with { Loss = loss }).TrainAsync();
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "rings.ckpt");
        result.Model.Save(file);
        TrainedModel loaded = TrainedModel.Load(file);

        EvaluationResult test = loaded.Evaluate(Data.Test);
        Assert.InRange(test.Accuracy, 0.9, 1.0);
        Assert.Equal(result.Model.Evaluate(Data.Test), test);
        float[] outputs = loaded.Predict(Data.Test);
        int right = Enumerable.Range(0, Data.Test.Count)
            .Count(row => outputs.AsSpan(row * 3, 3) is var row3 && row3.IndexOf(Max(row3)) == Data.Test.Labels[row]);
        Assert.Equal(test.Correct, right);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task TrainAsync_OnClusterWorkerProcesses_GivesTheBytesOfTrainAsync(int workers)
    {
        var trainer = new Trainer(Net with { InputKeepProb = 0.95 }, Data, Options with { Epochs = 2, Loss = LossKind.MeanSquaredError });
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ClusterOptions
        {
            MinWorkers = workers,
            OnEvent = value =>
            {
                if (value is RunEvent.Listening listening)
                    address.SetResult(listening.Address);
            },
        };

        Task<TrainingResult> training = trainer.TrainAsync(options);
        string join = await address.Task;
        Task[] processes = [.. Enumerable.Range(0, workers).Select(
            _ => ProgramRun.OutputOf("src/Cli", "lockstep", "worker", "--join", join, "--lanes", "1"))];
        TrainingResult result = await training;
        await Task.WhenAll(processes);

        Assert.Equal((await trainer.TrainAsync()).Model.WeightsSha256, result.Model.WeightsSha256);
    }

    [Fact]
    public async Task TrainAsync_OnClusterCancelledAndResumedHere_EndsInTheSameBytes()
    {
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer(Net, Data, Options with { Epochs = 200 });
        var workers = new ClusterOptions { LocalWorkers = 2, Lanes = 1 };

        TrainingResult stopped = await trainer.TrainAsync(workers with { OnStep = _ => stop.Cancel() }, stop.Token);
        TrainingResult resumed = await Trainer.Resume(stopped.Model, Data).TrainAsync();

        Assert.False(stopped.IsComplete);
        Assert.Equal((await trainer.TrainAsync()).Model.WeightsSha256, resumed.Model.WeightsSha256);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task TrainAsync_TargetsOnWorkerProcesses_GivesTheBytesAndTheScoresOfTrainAsync(int workers)
    {
        var trainer = new Trainer(TargetNet, Targets, TargetOptions);
        var epochs = new List<TrainingEpoch>();

        TrainingResult here = await trainer.TrainAsync();
        TrainingResult there = await trainer.TrainAsync(
            new ClusterOptions { LocalWorkers = workers, Lanes = 1, KeepBest = ValidationMetric.R2, OnEpoch = epochs.Add });

        Assert.Equal(here.Model.WeightsSha256, there.Model.WeightsSha256);
        EvaluationResult test = there.Model.Evaluate(Targets.Test);
        Assert.InRange(test.R2!.Value, 0.9, 1);
        Assert.Equal((test.R2, test.R2), (here.Summary.Result.TestR2, there.Summary.Result.TestR2));
        Assert.Null(there.Summary.Result.TestAccuracy);
        Assert.Equal(epochs.Max(epoch => epoch.ValidationR2), there.Best!.Evaluate(ValidationRows).R2);
        float[] outputs = there.Model.Predict(Targets.Test);
        Assert.Equal([.. outputs.Select(output => (double)output)], there.Model.PredictTargets(Targets.Test));
    }

    [Fact]
    public async Task TrainAsync_TargetsUntilR2_EndsAtTheSameStepAfterAResume()
    {
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer(TargetNet, Targets, TargetOptions with { Stop = new EarlyStopping { Target = 0.8, Patience = 9 } });

        TrainingResult whole = await trainer.TrainAsync();
        TrainingResult stopped = await trainer.TrainAsync(new RunOptions { OnStep = _ => stop.Cancel() }, stop.Token);
        TrainingResult resumed = await Trainer.Resume(stopped.Model, Targets).TrainAsync(new ClusterOptions { LocalWorkers = 2 });

        Assert.False(stopped.IsComplete);
        Assert.StartsWith("the validation R² reached r2>=0.8", whole.Summary.Result.StopReason, StringComparison.Ordinal);
        Assert.Equal(
            (whole.Model.Step, whole.Model.WeightsSha256), (resumed.Model.Step, resumed.Model.WeightsSha256));
    }

    [Fact]
    public void Constructor_OptionsOfClassesWithTargets_AreRefused()
    {
        string message = Assert.Throws<RequestException>(() => new Trainer(
            Models.Parse("5-1"), Targets, TargetOptions with { LabelSmoothing = 0.1, ClassWeights = ClassWeights.Balanced })).Message;
        Assert.Contains("has 1 outputs, but sums has 2 targets; the last width must be 2", message, StringComparison.Ordinal);
        Assert.Contains("LabelSmoothing is for classes", message, StringComparison.Ordinal);
        Assert.Contains("ClassWeights is for classes", message, StringComparison.Ordinal);
        Assert.Contains(
            "for data with classes",
            Assert.Throws<RequestException>(() => new Trainer(Net, Prepared, Options with { Loss = LossKind.TargetSquaredError })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ModelOfAnotherWidth_SaysBoth()
    {
        var refused = Assert.Throws<RequestException>(() => new Trainer(Models.Parse("6-3"), Data));
        Assert.Contains("takes 6 values, but an example of rings has 5 features", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Rows of five features, with two sums of them as targets.</summary>
    private static FeatureSet Sums(int seed, int count)
    {
        FeatureSet rows = Rings(seed, count);
        float[] targets = [.. Enumerable.Range(0, 2 * count).Select(i =>
            i % 2 == 0 ? rows.Values[i / 2 * 5] + rows.Values[i / 2 * 5 + 2] : rows.Values[i / 2 * 5 + 1] * rows.Values[i / 2 * 5 + 1] / 3)];
        return FeatureSet.FromTargets(rows.Values, targets, 5, 2);
    }

    /// <summary>Three rings around the origin of two features, and three features of noise.</summary>
    private static FeatureSet Rings(int seed, int count)
    {
        var random = new Random(seed);
        var values = new float[count * 5];
        int[] labels = new int[count];
        for (int row = 0; row < count; row++)
        {
            labels[row] = random.Next(3);
            double radius = 0.5 + labels[row] + 0.2 * random.NextDouble(), angle = 2 * Math.PI * random.NextDouble();
            values[row * 5] = (float)(radius * Math.Cos(angle));
            values[row * 5 + 1] = (float)(radius * Math.Sin(angle));
            for (int i = 2; i < 5; i++)
                values[row * 5 + i] = (float)(random.NextDouble() - 0.5);
        }

        return FeatureSet.FromRows(values, labels, 5);
    }

    private static float Max(ReadOnlySpan<float> values)
    {
        float max = values[0];
        foreach (float value in values)
            max = Math.Max(max, value);
        return max;
    }
}
