using System.Globalization;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>Row c: <c>lockstep train --workers 2</c>, over PyTorch DDP on gloo with two processes.</summary>
internal static class ClusterOverDdp
{
    private const int Batch = 256;
    private const int Epochs = 12;
    private const int WarmUpEpochs = 3;
    private static readonly int[] Widths = [784, 256, 10];
    private static readonly int[] Batches = [Batch, 512, 1024, 2048];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        PublishedBuild published = context.Published;
        string skipped = "";
        TorchPeer? torch = null;
        try
        {
            torch = context.TorchPair;
        }
        catch (RowSkippedException exception)
        {
            skipped = exception.Message;
        }

        // Verified first: real processes and this process end in the same bytes.
        RunSpec spec = context.Spec("784-256-10", Batch);
        var local = new LocalTrainer(spec, context.Data.Training);
        local.Run(spec.StepsPerEpoch);
        using (LockstepRun run = Start(context, published, Batch, epochs: 1).Wait())
            Check.Equal("weights after an epoch, of two workers and of one thread", run.WeightsSha256, local.WeightsSha256);
        for (int i = 0; torch is not null && i < Batches.Length; i++)
        {
            int batch = Batches[i];
            torch.Train(Widths, batch, 2 * 55_000 / batch);
            Check.AtLeast(
                $"how much of a batch's loss DDP has learnt to avoid, B={batch}", 1 - torch.Train(Widths, batch, 20).Loss / Math.Log(10),
                0.75);
        }

        List<double>[] ours = [[], []], theirs = [.. Batches.Select(_ => new List<double>())];
        for (int round = 0; round < context.Rounds; round++)
        {
            ours[0].Add(Rate(context, published, Batch));
            ours[1].Add(Rate(context, published, 1024));
            for (int i = 0; torch is not null && i < Batches.Length; i++)
                theirs[i].Add(torch.Train(Widths, Batches[i], 55_000 / Batches[i]).Rate);
        }

        var lockstep = new Series($"`lockstep train --workers 2 --batch-size {Batch}`", "examples/s", ours[0]);
        var large = new Series("`lockstep train --workers 2 --batch-size 1024`", "examples/s", ours[1]);
        if (torch is null)
            return Task.FromResult<IReadOnlyList<Finding>>(
                [new Finding { Row = "c", What = What, Skipped = skipped, Measured = [lockstep, large] }]);
        Series[] peers =
            [.. Batches.Select((batch, i) => new Series($"PyTorch DDP, gloo, 2 processes, global batch {batch}", "examples/s", theirs[i]))];
        Series best = peers.MaxBy(peer => peer.Median)!;
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "c",
                What = What,
                Figure = lockstep.Over(peers[0], "ratio"),
                Goal = Goal.Least(8, 10),
                Measured = [lockstep, large, .. peers],
                Note = $"median epoch of {Epochs} but the first {WarmUpEpochs}, evaluating and saving as by default; weights of the run "
                    + $"verified; {torch.Description}",
            },
            new Finding
            {
                Row = "c",
                What = $"the same over DDP's best ({best.Name[13..]})",
                Figure = lockstep.Over(best, "ratio"),
                Goal = Goal.Least(4, 5),
            },
            new Finding { Row = "c", What = "`train --workers 2`, global batch 1024, over DDP, global "
                + "batch 1024", Figure = large.Over(peers[2], "ratio") },
        ]);
    }

    private const string What = "`train --workers 2`, global batch 256, over PyTorch DDP (gloo, 2 processes), global batch 256";

    private static double Rate(BenchContext context, PublishedBuild published, int batch)
    {
        using LockstepRun run = Start(context, published, batch, Epochs).Wait();
        return new Series(
            "", "", [.. run.Metrics().Skip(WarmUpEpochs).Select(row => row.GetProperty("examplesPerSecond").GetDouble())]).Median;
    }

    private static LockstepRun Start(BenchContext context, PublishedBuild published, int batch, int epochs) => published.Start(
    [
        "train", "--workers", "2", "--min-workers", "2", .. context.DataOptions, .. BenchContext.SpecOptions(batch), "--epochs",
        epochs.ToString(CultureInfo.InvariantCulture),
        "--out", context.NewRunFolder(), "--quiet",
    ]);
}
