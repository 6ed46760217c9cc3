using System.Diagnostics;
using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Cli.Benchmarks;

/// <summary>What one core of this machine does, in this process.</summary>
/// <param name="Gradient">Seconds for the gradient of a whole batch: a worker's part.</param>
/// <param name="Update">Seconds for the optimizer's pass: the coordinator's part.</param>
/// <param name="Hash">Seconds for the hash of the weights, which the coordinator takes while workers compute.</param>
/// <param name="PeakFlops">Operations a second of fused multiply-adds in registers.</param>
internal sealed record ComputeTimes(double Gradient, double Update, double Hash, double PeakFlops)
{
    /// <summary>The last gradient that was computed: a real one, to be sent.</summary>
    public required AlignedBuffer LastGradient { get; init; }

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    public static ComputeTimes Measure(RunSpec spec, Examples examples)
    {
        var layout = new ParameterLayout(spec.Model);
        AlignedBuffer weights = new(layout.Length), gradient = new(layout.TrainableLength);
        Initialization.Fill(spec, layout, weights.Span);
        var lane = new GradientLane(spec, layout, examples, new ExampleOrder(spec));
        var optimizer = Optimizer.Create(spec, layout);
        var state = new AlignedBuffer(optimizer.StateLength);
        TreeNode root = new ReductionTree(spec.Shards).Root;
        long step = 0;

        // Real steps, so that activations and gradients are those of a training; a run that is over begins again.
        BatchPosition batch = default;
        var gradients = new List<double>();
        var updates = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Time + Time || gradients.Count < 3)
        {
            batch = BatchPosition.Of(spec, step++ % spec.TotalSteps);
            long begun = Stopwatch.GetTimestamp();
            _ = lane.Compute(root, batch, weights.Span, gradient.Span);
            long computed = Stopwatch.GetTimestamp();
            optimizer.Apply(batch, gradient.Span, weights.Span, state.Span, weights.Span);
            // A batch at the end of an epoch is shorter.
            if (batch.Count == spec.BatchSize)
            {
                gradients.Add(Stopwatch.GetElapsedTime(begun, computed).TotalSeconds);
                updates.Add(Stopwatch.GetElapsedTime(computed).TotalSeconds);
            }
        }

        return new ComputeTimes(
            Median(gradients), Median(updates), Seconds(() => WeightsHash.Of(weights.Span)), Peak())
        { LastGradient = gradient };
    }

    private static double Seconds(Action action)
    {
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Time / 4 || times.Count < 3)
        {
            long begun = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }

        return Median(times);
    }

    private static double Peak()
    {
        const int iterations = 1 << 16;
        return MultiplyAddPeak.Operations(iterations) / Seconds(() => MultiplyAddPeak.Run(iterations));
    }

    internal static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
