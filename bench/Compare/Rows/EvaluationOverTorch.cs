using System.Diagnostics;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>Row k: evaluating the 10,000 test images on one core, over PyTorch on one thread at its best batch.</summary>
internal static class EvaluationOverTorch
{
    private static readonly int[] Widths = [784, 256, 10];
    private static readonly int[] Batches = [128, 512, 1000, 10_000];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        RunSpec spec = context.Spec("784-256-10", 128);
        var test = (ImageSet)context.Data.Test;
        var trainer = new LocalTrainer(spec, context.Data.Training);
        trainer.Run(spec.StepsPerEpoch);
        float[] weights = trainer.Weights.ToArray();
        var evaluator = new Evaluator(spec.Model, trainer.Layout);
        EvaluationResult reference = new Evaluator(spec.Model, trainer.Layout, SimdWidth.Scalar).Evaluate(weights, test, 0, test.Count);
        Check.Equal(
            "evaluation by the fast kernels and by the scalar ones", $"{evaluator.Evaluate(weights, test, 0, test.Count)}", $"{reference}");

        TorchPeer torch = context.Torch;
        torch.Train(Widths, 128, spec.StepsPerEpoch);
        foreach (int batch in Batches)
            Check.AtLeast("accuracy of PyTorch after an epoch", torch.Evaluate(Widths, batch, times: 1).Accuracy, 0.94);
        var ours = new List<double>();
        List<double>[] theirs = [.. Batches.Select(_ => new List<double>())];
        for (int round = 0; round < context.Rounds; round++)
        {
            const int times = 20;
            var clock = Stopwatch.StartNew();
            for (int i = 0; i < times; i++)
                evaluator.Evaluate(weights, test, 0, test.Count);
            ours.Add(test.Count * times / clock.Elapsed.TotalSeconds);
            for (int i = 0; i < Batches.Length; i++)
                theirs[i].Add(test.Count / torch.Evaluate(Widths, Batches[i], times: 4).Seconds);
        }

        var lockstep = new Series("`Evaluator`, one thread", "images/s", ours);
        Series[] peers =
            [.. Batches.Select((batch, i) => new Series($"PyTorch, one thread, no_grad, {batch:N0} at a time", "images/s", theirs[i]))];
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "k",
                What = $"evaluation of {test.Count:N0} images over PyTorch's best, one thread each",
                Figure = lockstep.Over(peers.MaxBy(peer => peer.Median)!, "ratio"),
                Goal = Goal.Least(4, 5),
                Measured = [lockstep, .. peers],
                Note = "result verified against the scalar kernels",
            },
        ]);
    }
}
