// Trains on two worker processes of this machine, keeps the run, and verifies it: trains every step again in this process and compares.
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Networks;
using Lockstep.Training;
using Lockstep.Verification;

if (await ClusterWorker.RunIfStartedAsync(args))
    return;
Dataset data = Datasets.Synthetic();
var trainer = new Trainer(Models.Parse("784-128-10"), data, new TrainerOptions { TrainingExamples = 10_000, Epochs = 3 });
TrainingResult result = await trainer.TrainAsync(new ClusterOptions { Processes = 2, RunFolder = "runs/proof" });
Console.WriteLine($"test accuracy {result.Summary.Result.TestAccuracy:P2}, weights {result.Model.WeightsSha256}");
VerificationResult proof = await RunHistory.Read("runs/proof").VerifyAsync(data);
Console.WriteLine(proof.IsIdentical ? $"{proof.TracedSteps} steps trained again are identical" : proof.Difference);
