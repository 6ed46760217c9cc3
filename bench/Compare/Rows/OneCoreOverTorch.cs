namespace Lockstep.Bench.Compare.Rows;

/// <summary>Row b: training on one core, over PyTorch on one thread: the same model, batch and options, and PyTorch's best.</summary>
internal static class OneCoreOverTorch
{
    private static readonly int[] Widths = [784, 256, 10];
    private static readonly (int Batch, bool ByHand)[] Configurations =
        [(128, false), (128, true), (512, false), (512, true), (1024, true)];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        var core = new OneCore(context.Data.Training, context.Spec("784-256-10", 128), steps: 430, verifiedSteps: 8);
        TorchPeer torch = context.Torch;
        foreach ((int batch, bool byHand) in Configurations)
        {
            torch.Train(Widths, batch, 2 * 55_000 / batch, byHand);
            Check.AtLeast(
                $"how much of a batch's loss PyTorch has learnt to avoid, B={batch}",
                1 - torch.Train(Widths, batch, 20, byHand).Loss / Math.Log(10), 0.75);
        }

        var ours = new List<double>();
        List<double>[] theirs = [.. Configurations.Select(_ => new List<double>())];
        for (int round = 0; round < context.Rounds; round++)
        {
            ours.Add(core.Measure());
            for (int i = 0; i < Configurations.Length; i++)
                theirs[i].Add(
                    torch.Train(Widths, Configurations[i].Batch, 27_500 / Configurations[i].Batch, Configurations[i].ByHand).Rate);
        }

        var lockstep = new Series("`LocalTrainer`, 784-256-10, one thread, B=128", "examples/s", ours);
        Series[] peers = [.. Configurations.Select((c, i) => new Series(
            $"PyTorch, one thread, B={c.Batch}, {(c.ByHand ? "backward by hand" : "autograd")}", "examples/s", theirs[i]))];
        Series best = peers.MaxBy(peer => peer.Median)!;
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "b",
                What = "one core, B=128, over one-thread PyTorch, B=128",
                Figure = lockstep.Over(peers[0], "ratio"),
                Goal = Goal.Least(5, 6),
                Measured = [lockstep, .. peers],
                Note = torch.Description,
            },
            new Finding
            {
                Row = "b",
                What = $"the same over PyTorch's best here ({best.Name[9..]})",
                Figure = lockstep.Over(best, "ratio"),
                Goal = Goal.Least(4.5, 6),
            },
        ]);
    }
}
