using System.Diagnostics;
using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Losses;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row p: where each microsecond of a step on one core goes. Every part is run by itself, batch after batch, beside the whole; what has no
/// entry of its own is the difference.
/// </summary>
internal static class Phases
{
    private const int Batch = 128;

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        RunSpec spec = context.Spec("784-256-10", Batch);
        var layout = new ParameterLayout(spec.Model);
        var order = new ExampleOrder(spec);
        var images = (ImageSet)context.Data.Training;
        var lane = new GradientLane(spec, layout, images, order);
        var optimizer = Optimizer.Create(spec, layout);
        var columns = new PixelColumns(spec.Model.Inputs);
        AlignedBuffer weights = new(layout.Length), gradient = new(layout.TrainableLength), velocity = new(optimizer.StateLength);
        Initialization.Fill(spec, layout, weights.Span);
        Parameter w = layout.ByLayer[0], b = layout.ByLayer[1];
        int stride = w.Stride, top = layout.ByLayer[^1].Stride;
        var z = new AlignedBuffer(Batch * stride);
        byte[] labels = new byte[Batch];
        int[] bounds = new int[spec.Shards + 1];
        TreeNode root = new ReductionTree(spec.Shards).Root;
        SimdWidth width = KernelDispatch.Width;

        string[] names = ["whole gradient", "columns of the batch", "input layer forward", "forward, whole", "softmax and loss", "input layer gradient", "backward, whole", "update", "hash of the weights"];
        List<double>[] times = [.. names.Select(_ => new List<double>())];
        long steps = spec.StepsPerEpoch - 1L, start = 0;
        int next = 0;
        for (long step = 0; step < steps * Math.Min(context.Rounds, 3); step++)
        {
            BatchPosition batch = BatchPosition.Of(spec, step % steps);
            ReadOnlySpan<int> examples = order.Epoch(batch.Epoch).Slice(batch.First, batch.Count);
            for (int i = 0; i < labels.Length; i++)
                labels[i] = images.Labels[examples[i]];
            for (int s = 0; s <= spec.Shards; s++)
                bounds[s] = batch.ShardStart(s, spec.Shards);
            var pixels = new PixelBatch(images, examples);

            (next, start) = (0, Stopwatch.GetTimestamp());
            lane.Compute(root, batch, weights.Span, gradient.Span);
            Lap();
            columns.Load(pixels);
            Lap();
            PixelForward.Run(
                width, columns, weights.Span.Slice(w.Offset, w.PaddedCount), weights.Span.Slice(b.Offset, b.PaddedCount), z.Span, stride);
            Lap();
            lane.Network.Load(images, examples, new BatchRows(step, 0, 0, Batch));
            lane.Network.Forward(weights.Span, bounds, isTraining: true);
            Lap();
            SoftmaxCrossEntropy.Run(width, lane.Network.Output, labels, spec.Model.Classes, top);
            Lap();
            PixelGradient.Run(width, columns, bounds, z.Span, gradient.Span.Slice(w.Offset, w.PaddedCount), stride);
            Lap();
            lane.Network.Backward(weights.Span, bounds, gradient.Span);
            Lap();
            optimizer.Apply(batch, gradient.Span, weights.Span, velocity.Span, weights.Span);
            Lap();
            WeightsHash.Of(weights.Span);
            Lap();
        }

        double[] m = [.. times.Select((values, i) => new Series(names[i], "us", values).Median)];
        (string Name, double Value)[] parts =
        [
            ("columns of the batch", m[1]),
            ("input layer, forward", m[2]),
            ("layers above and activations, forward", m[3] - m[1] - m[2]),
            ("softmax and loss", m[4]),
            ("layers above and activations, backward", m[6] - m[5]),
            ("input layer, gradient", m[5]),
            ("dropout masks, labels, order", m[0] - m[3] - m[4] - m[6]),
            ("update of weights and momentum", m[7]),
        ];
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "p",
                What = "where a step on one core goes, 784-256-10, B=128",
                Figure = new Series("step", "us", [m[0] + m[7]]),
                Measured = [.. parts.Select(part => new Series(part.Name, "us", [part.Value])), new Series(
                    "besides, while workers compute: hash of the weights", "us", [m[8]])],
                Note = "medians over batches of real images, each part run by itself beside the whole",
            },
        ]);

        void Lap()
        {
            long now = Stopwatch.GetTimestamp();
            times[next++].Add(Stopwatch.GetElapsedTime(start, now).TotalMicroseconds);
            start = Stopwatch.GetTimestamp();
        }
    }
}
