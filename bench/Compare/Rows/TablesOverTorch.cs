using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>Row l: training on a table of floats on one core, over PyTorch on one thread.</summary>
internal static class TablesOverTorch
{
    private const int Features = 100, Rows = 51_200, Batch = 256, BestBatch = 1024, Steps = 400;
    private static readonly int[] Widths = [Features, 256, 128, 2];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        FeatureSet table = Table();
        RunSpec spec = context.Spec(string.Join('-', Widths), Batch) with
        {
            Data = new DataSpec { Name = "table", Sha256 = table.Sha256(), TrainingExamples = Rows, ValidationExamples = 0 },
        };
        var core = new OneCore(table, spec, Steps, verifiedSteps: 8);
        TorchPeer torch = context.Torch;
        torch.Train(Widths, Batch, Steps);
        Check.AtLeast(
            "how much of a batch's loss PyTorch has learnt to avoid on the table",
            1 - torch.Train(Widths, Batch, 20).Loss / Math.Log(2), 0.5);

        var ours = new List<double>();
        List<double> theirs = [], best = [];
        for (int round = 0; round < context.Rounds; round++)
        {
            ours.Add(core.Measure());
            theirs.Add(torch.Train(Widths, Batch, Steps).Rate);
            best.Add(torch.Train(Widths, BestBatch, Steps * Batch / BestBatch).Rate);
        }

        var lockstep = new Series($"`LocalTrainer`, {spec.Model}, one thread, B={Batch}", "examples/s", ours);
        var peer = new Series($"PyTorch, one thread, B={Batch}", "examples/s", theirs);
        var large = new Series($"PyTorch, one thread, B={BestBatch}", "examples/s", best);
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "l",
                What = $"one core, {spec.Model} on {Features} floats, B={Batch}, over one-thread PyTorch",
                Figure = lockstep.Over(peer, "ratio"),
                Goal = Goal.Least(1.5, 2),
                Measured = [lockstep, peer, large],
                Note = torch.Description,
            },
            new Finding { Row = "l", What = $"the same over PyTorch, B={BestBatch}", Figure = lockstep.Over(large, "ratio") },
        ]);
    }

    /// <summary>Floats in -1..1; the class is the sign of the sum of the first ten.</summary>
    private static FeatureSet Table()
    {
        var random = new Random(1);
        float[] values = new float[Rows * Features];
        byte[] labels = new byte[Rows];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() * 2 - 1;
        for (int row = 0; row < Rows; row++)
        {
            float sum = 0;
            for (int i = 0; i < 10; i++)
                sum += values[row * Features + i];
            labels[row] = sum > 0 ? (byte)1 : (byte)0;
        }

        return FeatureSet.TakeOver(values, labels, Features);
    }
}
