using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Training;

// Trains a small network on synthetic digits, evaluates it, classifies one image, and saves it. Then trains it again on a cluster,
// to show that the weights are the same.

// 60,000 training and 10,000 test images of 28 x 28 pixels, without a download. For MNIST: await Datasets.LoadAsync("mnist").
Dataset data = Datasets.Synthetic();
Console.WriteLine(
    $"{data.Name}: {data.TrainingExamples:N0} training, {data.ValidationExamples:N0} validation, {data.Test.Count:N0} test images");

ModelSpec model = new ModelBuilder(inputs: 784)
    .Dense(128, keepProb: 0.8)
    .Dense(10)
    .Build();
var trainer = new Trainer(model, data, new TrainerOptions { TrainingExamples = 10_000, Epochs = 3 });
Console.WriteLine($"{model}: {trainer.Run.TotalSteps} steps of {trainer.Run.BatchSize} images");

// Ctrl-C finishes the step and keeps the result.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};
var options = new RunOptions
{
    OnStep = step =>
    {
        if (step.Step % 100 == 0)
            Console.WriteLine($"  step {step.Step}: loss {step.Loss:F4}");
    },
    OnEpoch = epoch =>
        Console.WriteLine($"epoch {epoch.Epoch:0.##}: loss {epoch.TrainLoss:F4}, validation accuracy {epoch.ValidationAccuracy:P2}"),
};
TrainingResult result = await trainer.TrainAsync(options, stop.Token);
if (!result.IsComplete)
    Console.WriteLine($"stopped after step {result.Model.Step}");

EvaluationResult test = result.Model.Evaluate(data.Test);
Console.WriteLine($"test: loss {test.Loss:F4}, accuracy {test.Accuracy:P2}");

float[] probabilities = result.Model.Predict(data.Test.Slice(0, 1));
int answer = Array.IndexOf(probabilities, probabilities.Max());
Console.WriteLine($"the first test image is a {data.Test.Labels[0]}; the model says {answer}, with probability {probabilities[answer]:P1}");

const string file = "digits.ckpt";
result.Model.Save(file, overwrite: true);
bool isSame = TrainedModel.Load(file).WeightsSha256 == result.Model.WeightsSha256;
Console.WriteLine($"saved {file}; read back, its weights are {(isSame ? "the same" : "different")}");

if (stop.IsCancellationRequested)
    return;

// The same training on two workers. They run in this process; any number could join from other machines.
TrainingResult onCluster = await trainer.TrainAsync(new ClusterOptions { LocalWorkers = 2, Lanes = 1 }, stop.Token);
Console.WriteLine($"in this process: {result.Model.WeightsSha256}");
Console.WriteLine($"on two workers:  {onCluster.Model.WeightsSha256}");
