using System.Globalization;
using Lockstep.Model.Specs;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row o: LeNet-5 with Adam, on one core over the dense limit and over PyTorch on one thread, and on two workers over PyTorch DDP.
/// </summary>
internal static class LeNetOverTorch
{
    private const string Model = "28x28-conv:6x5p2-pool2-conv:16x5-pool2-120-84-10";
    private const int Batch = 100, Steps = 100, Epochs = 4;
    private static readonly int[] Pixels = [784];
    private static readonly int[] Batches = [Batch, 256, 1000];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        RunSpec spec = context.Spec(Model, Batch) with
        {
            Model = ModelSpec.Parse(Model),
            Optimizer = new AdamWSpec { LearningRate = 1e-3, WeightDecay = 0 },
        };
        var core = new OneCore(context.Data.Training, spec, Steps, verifiedSteps: 3);
        double flops = DenseWork.Flops(spec.Model);
        TorchPeer torch = context.Torch;
        foreach (int batch in Batches)
            torch.Train(Pixels, batch, 55_000 / batch, lenet: true);
        Check.AtLeast(
            "how much of a batch's loss PyTorch's LeNet-5 has learnt to avoid",
            1 - torch.Train(Pixels, Batch, 20, lenet: true).Loss / Math.Log(10), 0.75);

        List<double> ours = [], peaks = [];
        List<double>[] theirs = [.. Batches.Select(_ => new List<double>())];
        for (int round = 0; round < context.Rounds; round++)
        {
            peaks.Add(FmaPeak.Measure(TimeSpan.FromSeconds(0.3)) / flops);
            ours.Add(core.Measure());
            for (int i = 0; i < Batches.Length; i++)
                theirs[i].Add(torch.Train(Pixels, Batches[i], Steps * Batch / Batches[i], lenet: true).Rate);
        }

        var lockstep = new Series($"`LocalTrainer`, LeNet-5, Adam, one thread, B={Batch}", "examples/s", ours);
        var limit = new Series("dense limit of one core, LeNet-5", "examples/s", peaks);
        Series[] peers =
            [.. Batches.Select((batch, i) => new Series($"PyTorch, LeNet-5, Adam, one thread, B={batch}", "examples/s", theirs[i]))];
        Series best = peers.MaxBy(peer => peer.Median)!;
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "o",
                What = $"one core, LeNet-5, Adam, B={Batch}, over one-thread PyTorch",
                Figure = lockstep.Over(peers[0], "ratio"),
                Goal = Goal.Least(2.5, 4),
                Measured = [lockstep, limit, .. peers],
                Note = torch.Description,
            },
            new Finding { Row = "o", What = $"the same over PyTorch's best ({best.Name[9..]})", Figure = lockstep.Over(best, "ratio") },
            new Finding
            {
                Row = "o",
                What = "the same over the dense limit",
                Figure = lockstep.Over(limit, "ratio"),
                Goal = Goal.Least(0.3, 0.5),
                Note = $"{flops:N0} flop an example in the dense products",
            },
            OverDdp(context),
        ]);
    }

    private static Finding OverDdp(BenchContext context)
    {
        const string what = "LeNet-5, `train --workers 2`, B=100, over PyTorch DDP (gloo, 2 processes)";
        TorchPeer torch;
        PublishedBuild published = context.Published;
        try
        {
            torch = context.TorchPair;
        }
        catch (RowSkippedException exception)
        {
            return new Finding { Row = "o", What = what, Skipped = exception.Message };
        }

        torch.Train(Pixels, Batch, 200, lenet: true);
        List<double> ours = [], theirs = [];
        for (int round = 0; round < context.Rounds; round++)
        {
            using LockstepRun run = published.Start(
            [
                "train", "--workers", "2", "--min-workers", "2", .. context.DataOptions, "--model", Model, "--optimizer", "adamw", "--weight-decay", "0",
                "--learning-rate", "0.001", "--batch-size", $"{Batch}", "--keep-prob", "1", "--epochs",
                Epochs.ToString(CultureInfo.InvariantCulture), "--out", context.NewRunFolder(), "--quiet",
            ]).Wait();
            ours.Add(new Series(
                "", "", [.. run.Metrics().Skip(1).Select(row => row.GetProperty("examplesPerSecond").GetDouble())]).Median);
            theirs.Add(torch.Train(Pixels, Batch, 300, lenet: true).Rate);
        }

        var lockstep = new Series("`lockstep train --workers 2`, LeNet-5, B=100", "examples/s", ours);
        var peer = new Series("PyTorch DDP, gloo, 2 processes, LeNet-5, B=100", "examples/s", theirs);
        return new Finding
        {
            Row = "o",
            What = what,
            Figure = lockstep.Over(peer, "ratio"),
            Goal = Goal.Least(4, 6),
            Measured = [lockstep, peer],
            Note = $"median epoch of {Epochs} but the first, evaluating and saving as by default",
        };
    }
}
