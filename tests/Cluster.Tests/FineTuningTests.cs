using Lockstep.Model.Layers;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cluster.Tests;

/// <summary>A changed model that begins with parameters of another run, on real processes, against the same in this process.</summary>
public sealed class FineTuningTests(SmallRun run) : IClassFixture<SmallRun>
{
    [Fact]
    public void Train_WidenedModelRestoredByNameAndFrozen_KeepsTheFrozenBytesOnAnyCluster()
    {
        string first = run.NewOut();
        _ = TrainToTheEnd(first, "--workers", "1", "--epochs", "10");
        IReadOnlyList<NamedTensor> before = CheckpointStore.Load(first).Checkpoint.Parameters;

        string[] tune = ["--model", "784-64-24-10", "--init-from", first, "--include", "layer0/*", "--freeze", "layer0/*", "--train-examples", "300", "--epochs", "40"];
        string second = run.NewOut(), third = run.NewOut();
        string sha256 = TrainToTheEnd(second, [.. tune, "--workers", "1"]), again = TrainToTheEnd(third, [.. tune, "--workers", "3"]);

        Checkpoint tuned = CheckpointStore.Load(second).Checkpoint;
        foreach (NamedTensor tensor in before.Where(tensor => tensor.Name.StartsWith("layer0/", StringComparison.Ordinal)))
            Assert.Equal(tensor.Values, tuned.Parameters.First(other => other.Name == tensor.Name).Values);
        Assert.Equal(300, tuned.Spec.Data.TrainingExamples);
        Assert.Equal(
            ["layer1/weights", "layer1/biases", "layer2/weights", "layer2/biases"],
            tuned.Slots.Single().Tensors.Select(velocity => velocity.Name));

        var layout = new ParameterLayout(tuned.Spec.Model);
        float[] start = new float[layout.Length];
        Initialization.Fill(tuned.Spec, layout, start);
        CheckpointTensors.Overlay([.. before.Where(tensor => tensor.Name.StartsWith("layer0/", StringComparison.Ordinal))], layout, start);
        var local = new LocalTrainer(tuned.Spec, run.Data.Training, 0, start, new float[layout.TrainableLength]);
        local.Run(tuned.Spec.TotalSteps);
        Assert.Equal([local.WeightsSha256, local.WeightsSha256], [sha256, again]);
    }

    [Fact]
    public void Train_FineTuningStoppedAndResumed_EndsWithTheSameBytes()
    {
        string first = run.NewOut();
        _ = TrainToTheEnd(first, "--workers", "1", "--epochs", "10");

        string[] tune = ["--init-from", first, "--learning-rate-for", "layer1/*=0.2", "--freeze", "layer0/biases", "--workers", "1"];
        string whole = TrainToTheEnd(run.NewOut(), tune);
        string folder = run.NewOut();
        using (LockstepProcess stopped = LockstepProcess.Start(run.Train(folder, tune)))
        {
            stopped.WaitForLine("the third epoch", line => line.Contains("epoch  3/"));
            stopped.Terminate();
            Assert.Equal(0, stopped.WaitForExit());
        }

        using LockstepProcess resumed = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", run.DataDirectory, "--workers", "2", "--json"]);
        SmallRun.AssertEnded(resumed.WaitForSummary(), whole);
    }

    /// <summary>Trains to the end. Returns the digest of the weights.</summary>
    private string TrainToTheEnd(string folder, params string[] options)
    {
        using LockstepProcess train = LockstepProcess.Start(run.Train(folder, options));
        return train.WaitForSummary().GetProperty("weightsSha256").GetString()!;
    }
}
