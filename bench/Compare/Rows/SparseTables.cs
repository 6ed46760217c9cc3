using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row n: training on tables of which most values are zero, on one core. Whole steps, beside a table of the same size without zeros, which
/// takes the dense form of the first layer; and the first layer alone in both forms on the same rows, by their share of pairs that are not
/// zero.
/// </summary>
internal static class SparseTables
{
    private const int Batch = 256, LayerValues = 3_000_000, LayerBatches = 200;
    private static readonly double[] Shares = [0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 1];
    private static readonly (int Features, int Units)[] Layers = [(100, 32), (32, 64), (48, 64), (100, 64), (100, 256), (1000, 256)];

    // The columns of the census data "adult": six numbers, eight texts.
    private static readonly int[] Adult = [9, 16, 7, 15, 6, 5, 2, 42], TwentyTexts = [.. Enumerable.Repeat(50, 20)];

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        List<Finding> findings =
        [
            Steps(context, "108-256-128-2", OneHot(30_000, 6, Adult), 400, Goal.Least(1.1)),
            Steps(context, "108-64-2", OneHot(30_000, 6, Adult), 2000),
            Steps(context, "1000-256-128-2", OneHot(10_000, 0, TwentyTexts), 150),
        ];
        foreach ((int features, int units) in Layers)
        {
            foreach (double share in Shares)
                findings.Add(FirstLayer(context, features, units, share));
        }

        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static Finding Steps(BenchContext context, string model, FeatureSet table, int steps, Goal? goal = null)
    {
        OneCore sparse = Core(context, model, table, steps), dense = Core(context, model, WithoutZeros(table), steps);
        List<double> ours = [], others = [];
        for (int round = 0; round < context.Rounds; round++)
        {
            ours.Add(sparse.Measure());
            others.Add(dense.Measure());
        }

        string share = (NonZeroPairs(table) / ((double)table.Count * Pairs(table))).ToString("0%", CultureInfo.InvariantCulture);
        var ofSparse = new Series($"{model} on one-hot columns, {share} of the pairs not zero", "examples/s", ours);
        var ofDense = new Series($"{model} on a table without zeros", "examples/s", others);
        return new Finding
        {
            Row = "n",
            What = $"one core, {model}, B={Batch}, on one-hot columns ({share} of the pairs not zero) over a table without zeros",
            Figure = ofSparse.Over(ofDense, "ratio"),
            Goal = goal,
            Measured = [ofSparse, ofDense],
        };
    }

    private static OneCore Core(BenchContext context, string model, FeatureSet table, int steps)
    {
        RunSpec spec = context.Spec(model, Batch) with
        {
            Data = new DataSpec { Name = "table", Sha256 = table.Sha256(), TrainingExamples = table.Count, ValidationExamples = 0 },
        };
        return new OneCore(table, spec, steps, verifiedSteps: 8);
    }

    private static Finding FirstLayer(BenchContext context, int features, int units, double share)
    {
        FeatureSet rows = Random(features, share);
        var layer = new LayerContext(KernelDispatch.Width, new MatrixPanels(), Seed: 1);
        int stride = RowPadding.Pad(units);
        AlignedBuffer weights = new(features * stride), biases = new(stride), z = new(Batch * stride),
            gradient = new(features * stride);
        var random = new Random(2);
        foreach (ref float weight in weights.Span)
            weight = random.NextSingle() - 0.5f;
        int[] bounds = [.. Enumerable.Range(0, 9).Select(s => s * Batch / 8)], examples = new int[Batch];
        ExampleInput[] forms = [new SparseFeatureInput(features, 1, layer), new FeatureInput(features, 1, layer)];

        string what = $"the first layer, {features} features and {units} units, {share:0%} of the pairs not zero";
        Draw();
        Check.Equal($"{what}: sums and gradient of the sparse form and of the dense one", Digest(forms[0]), Digest(forms[1]));
        List<double>[] times = [[], []];
        for (int round = -1; round < context.Rounds; round++)
        {
            List<double>[] batches = [[], []];
            for (int batch = 0; batch < LayerBatches; batch++)
            {
                for (int form = 0; form < forms.Length; form++)
                {
                    Draw();
                    long start = Stopwatch.GetTimestamp();
                    Run(forms[form]);
                    batches[form].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                }
            }

            // The first round warms up.
            for (int form = 0; form < forms.Length && round >= 0; form++)
                times[form].Add(new Series("", "us", batches[form]).Median);
        }

        Series sparse = new($"{what}: sparse form", "us", times[0]), dense = new($"{what}: dense form", "us", times[1]);
        return new Finding
        {
            Row = "n", What = $"{what}: time of the dense form over that of the sparse one", Figure = dense.Over(sparse, "ratio"),
            Measured = [sparse, dense],
        };

        void Draw()
        {
            foreach (ref int example in examples.AsSpan())
                example = random.Next(rows.Count);
        }

        void Run(ExampleInput input)
        {
            input.Load(rows, examples, null);
            input.Multiply(features, weights.Span, biases.Span, z.Span, stride);
            input.Gradient(features, bounds, z.Span, gradient.Span, stride);
        }

        string Digest(ExampleInput input)
        {
            Run(input);
            return Convert.ToHexString(SHA256.HashData([.. MemoryMarshal.AsBytes(z.Span), .. MemoryMarshal.AsBytes(gradient.Span)]));
        }
    }

    /// <summary>Numbers in -1..1, then one-hot columns of categories, the first ones more frequent; two classes at random.</summary>
    private static FeatureSet OneHot(int rows, int numbers, int[] categories)
    {
        var random = new Random(1);
        int features = numbers + categories.Sum();
        float[] values = new float[rows * features];
        byte[] labels = new byte[rows];
        for (int row = 0; row < rows; row++)
        {
            int next = row * features;
            for (int i = 0; i < numbers; i++)
                values[next++] = random.NextSingle() * 2 - 1;
            foreach (int size in categories)
            {
                values[next + (int)(Math.Pow(random.NextDouble(), 2) * size)] = 1;
                next += size;
            }

            labels[row] = (byte)random.Next(2);
        }

        return FeatureSet.TakeOver(values, labels, features);
    }

    /// <summary>A table of the same size and labels in which every zero is a number in -1..1.</summary>
    private static FeatureSet WithoutZeros(FeatureSet table)
    {
        var random = new Random(3);
        return FeatureSet.FromRows(
            [.. table.Values.ToArray().Select(x => x == 0 ? random.NextSingle() * 2 - 1 : x)], table.Labels, table.Features);
    }

    /// <summary>Rows in which each pair is zero or not at random.</summary>
    private static FeatureSet Random(int features, double share)
    {
        var random = new Random(4);
        int rows = LayerValues / features;
        float[] values = new float[rows * features];
        for (int i = 0; i < values.Length; i += 2)
        {
            if (random.NextDouble() < share)
                values[i + random.Next(2)] = random.NextSingle() * 2 - 1;
        }

        return FeatureSet.TakeOver(values, new byte[rows], features);
    }

    private static int Pairs(FeatureSet table) => (table.Features + 1) / 2;

    private static long NonZeroPairs(FeatureSet table)
    {
        var pairs = new FeaturePairs();
        pairs.Clear(table.Count);
        float[] row = new float[RowPadding.Pad(table.Features)];
        for (int i = 0; i < table.Count; i++)
        {
            table.Values.Slice(i * table.Features, table.Features).CopyTo(row);
            pairs.Add(SimdWidth.Scalar, row);
        }

        return pairs.Entries.Length;
    }
}
