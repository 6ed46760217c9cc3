using System.Net;
using Lockstep.Coordinator.Runs;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Sweeps;
using Lockstep.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RunOptions = Lockstep.Training.RunOptions;

namespace Lockstep.Tests;

/// <summary>
/// Code that the documents show and no sample has. It is compiled, and compared with the documents; what it does is tested elsewhere.
/// </summary>
public static class DocumentedCode
{
    public static async Task Readme()
    {
        var trainer = new Trainer(Models.Parse("784-256-10"), await Datasets.LoadAsync("mnist"), new TrainerOptions { Epochs = 3 });
        TrainingResult result = await trainer.TrainAsync(new RunOptions { OnEpoch = epoch => Console.WriteLine(epoch) });
        result.Model.Save("digits.ckpt");
    }

    public static float[] Interchange()
    {
        using var session = new InferenceSession("digits.onnx");
        var pixels = new DenseTensor<float>(new float[784], [1, 784]);
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("pixels", pixels)]);
        float[] probabilities = [.. outputs.Single(output => output.Name == "probabilities").AsTensor<float>()];
        return probabilities;
    }

    public static async Task Package()
    {
        Dataset data = Datasets.Synthetic();                    // or: await Datasets.LoadAsync("mnist"), await Datasets.ReadAsync("mine.csv")
        var trainer = new Trainer(Models.Parse("784-256-10"), data, new TrainerOptions { Epochs = 3 });

        TrainingResult result = await trainer.TrainAsync(new RunOptions
        {
            OnEpoch = epoch => Console.WriteLine($"epoch {epoch.Epoch}: validation accuracy {epoch.ValidationAccuracy:P2}"),
        });

        Console.WriteLine(result.Model.Evaluate(data.Test).Accuracy);
        result.Model.Save("digits.ckpt");
    }

    public static Trainer OwnData(byte[] bytes, float[] floats, int[] classes)
    {
        _ = Own(bytes, bytes, bytes, bytes);
        return OfFeatures(floats, classes, floats, classes);

        static Dataset Own(byte[] pixels, byte[] labels, byte[] testPixels, byte[] testLabels) =>
            new("digits of mine", ImageSet.FromDense(pixels, labels, 28, 28), ImageSet.FromDense(testPixels, testLabels, 28, 28));

        static Trainer OfFeatures(float[] values, int[] labels, float[] testValues, int[] testLabels)
        {
            var data = new Dataset("flowers", FeatureSet.FromRows(values, labels, 20), FeatureSet.FromRows(testValues, testLabels, 20));
            return new Trainer(Models.Parse("20-64-3"), data, new TrainerOptions { Epochs = 30 });
        }
    }

    public static async Task<(float[], ImageSet)> OwnFiles(TrainedModel pictures)
    {
        var preparing = new PreparationOptions { Label = "left", Ignore = "id,name" };
        Dataset data = await Datasets.ReadAsync("customers.csv", preparing, Console.WriteLine);
        ModelSpec widths = Models.Parse($"{data.Training.Shape.Count}-128-{data.Classes}");
        var trainer = new Trainer(widths, data, TrainerOptions.For(data) with { Epochs = 12 });
        TrainingResult result = await trainer.TrainAsync();
        result.Model.Save("customers.ckpt");

        TrainedModel model = TrainedModel.Load("customers.ckpt");
        float[] probabilities = model.Predict(model.ReadExamples("new.csv"));   // [rows, classes]
        ImageSet picture = pictures.ReadPicture("new.png");                     // pictures: a model that was trained on pictures
        return (probabilities, picture);
    }

    public static async Task<TrainingResult> Cluster(Trainer trainer)
    {
        TrainingResult result = await trainer.TrainAsync(new ClusterOptions
        {
            Listen = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 5000),
            SecretFile = "lockstep.secret",
            MinWorkers = 4,
            OnEvent = happened =>
            {
                switch (happened)
                {
                    case RunEvent.Listening listening:
                        Console.WriteLine($"lockstep worker --join {listening.Address} --secret-file lockstep.secret");
                        break;
                    case RunEvent.WorkerLost lost:
                        Console.WriteLine($"{lost.Worker} is gone: {lost.Reason}");
                        break;
                }
            },
        });
        return result;
    }

    public static async Task<TrainingResult> Resume(Trainer trainer, Dataset data, CancellationTokenSource stop)
    {
        TrainingResult result = await trainer.TrainAsync(cancellationToken: stop.Token);
        if (!result.IsComplete)
            result.Model.Save("stopped.ckpt");

        TrainedModel stopped = TrainedModel.Load("stopped.ckpt");
        result = await Trainer.Resume(stopped, data).TrainAsync();
        return result;
    }

    public static async Task Sweep(ModelSpec model, Dataset data)
    {
        IReadOnlyList<SweepPoint> points = SweepSpace.Grid(
        [
            new SweepParameter("rate") { Values = ["0.03", "0.1", "0.3"] }, new SweepParameter("seed") { Values = ["1", "2"] },
        ]);
        var sweep = new Sweep(data, [.. points.Select(point => new SweepTrial(point.Name, model, new TrainerOptions
        {
            Epochs = 3,
            LearningRate = point.Number("rate"),
            Seed = (ulong)point.Number("seed"),
        }))]);
        IReadOnlyList<TrialResult> results = await sweep.RunAsync(new SweepOptions { Folder = "sweeps/rates" });
        TrialResult best = TrialResult.Rank(results, ValidationMetric.Accuracy)[0];

        RateTestResult test = RateTest.Run(model, data, new TrainerOptions());
        Console.WriteLine($"{best.Trial.Name}: {best.ValidationAccuracy:P2}; the range test suggests {test.Suggested}");
    }
}
