using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Golden;

/// <summary>The training step against another framework: see README.md in this folder.</summary>
public class GoldenTests
{
    public static TheoryData<string, int, SimdWidth> Cases
    {
        get
        {
            var data = new TheoryData<string, int, SimdWidth>();
            string[] names =
            [
                "mlp-784-32-10", "logistic-784-10", "features-20-24-16", "features-20-16-squared-error", "adamw-36-16-10",
                "nesterov-16-8-5", "adam-16-8-5", "targets-16-8-5", "convolution-10x9x3", "regression-20-12-8",
            ];
            foreach (string name in names)
            {
                foreach (int shards in new[] { 1, 5, 8 })
                    data.Add(name, shards, KernelDispatch.Available[^1]);
                data.Add(name, 8, SimdWidth.Scalar);
            }

            // The reference normalises over the whole batch.
            data.Add("normalization-10x9x3", 1, KernelDispatch.Available[^1]);
            data.Add("normalization-10x9x3", 1, SimdWidth.Scalar);

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_GoldenCase_StaysWithinRoundingOfTheReference(string name, int shards, SimdWidth width)
    {
        using var golden = new NpzFile(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".npz"));
        bool hasTargets = name.StartsWith("regression", StringComparison.Ordinal),
        hasFeatures = hasTargets || name.StartsWith("features", StringComparison.Ordinal),
        isConvolution = name.EndsWith("10x9x3", StringComparison.Ordinal), normalises = name.StartsWith("norm", StringComparison.Ordinal),
        isSquaredError = name.EndsWith("squared-error", StringComparison.Ordinal);
        int batchSize = golden.Shape(hasTargets ? "targets" : "labels")[0], steps = golden.Shape("loss.f64")[0];
        (string model, double keepProb, OptimizerSpec optimized) = name switch
        {
            "mlp-784-32-10" => ("784-32-10", 0.5, (OptimizerSpec)new SgdSpec { LearningRate = 0.1, Momentum = 0.9, L2 = 1e-3 }),
            "logistic-784-10" => ("784-10", 1.0, new SgdSpec { LearningRate = 0.5, L2 = 1e-2 }),
            "features-20-24-16" => ("20-24-16", 0.5, new SgdSpec { LearningRate = 0.1, Momentum = 0.9, L2 = 1e-3 }),
            "features-20-16-squared-error" => ("20-16", 1.0, new SgdSpec { LearningRate = 0.5, L2 = 1e-2 }),
            "nesterov-16-8-5" => (
                "16-8-5", 1.0, new SgdSpec { LearningRate = 0.1, Momentum = 0.9, IsNesterov = true, L2 = 1e-3, ClipNorm = 0.4 }),
            "adam-16-8-5" => ("16-8-5", 1.0, new AdamWSpec
            {
                LearningRate = 0.01, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0, L2 = 1e-2, ClipNorm = 0.1,
            }),
            "targets-16-8-5" => ("16-8-5", 1.0, new SgdSpec { LearningRate = 0.5 }),
            "convolution-10x9x3" => (
                "10x9x3-conv:5x3p1-pool2-conv:6x3s2p1-avgpool2s1-7-4", 1.0, new SgdSpec { LearningRate = 0.1, Momentum = 0.9, L2 = 1e-3 }),
            "normalization-10x9x3" => (
                "10x9x3-conv:5x3p1-bn-pool2-9-bn-7-ln-4", 1.0, new SgdSpec { LearningRate = 0.1, Momentum = 0.9, L2 = 1e-3 }),
            "regression-20-12-8" => ("20-12-8", 1.0, new SgdSpec { LearningRate = 0.05, Momentum = 0.9, L2 = 1e-3 }),
            _ => ("36-16-10", 1.0, new AdamWSpec { LearningRate = 0.01, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.1 }),
        };
        RunSpec spec = TestRuns.Spec(
            model, batchSize, shards, batchSize, keepProb, steps: steps, optimizer: optimized,
            activation: normalises ? Activation.Silu : hasFeatures || isConvolution ? Activation.LeakyRelu : Activation.Relu) with
        { Loss = hasTargets ? LossKind.TargetSquaredError : isSquaredError ? LossKind.MeanSquaredError : LossKind.SoftmaxCrossEntropy };
        if (name.StartsWith("targets", StringComparison.Ordinal))
            spec = spec with { LabelSmoothing = 0.2, ClassWeights = [0.5, 1.0, 2.0, 0.0, 1.5] };
        if (normalises)
            spec = spec with
            {
                Model = spec.Model with
                {
                    Layers = [.. spec.Model.Layers.Select(layer => layer is LayerNormSpec norm ? norm with { Activation = Activation.Gelu } : layer)],
                },
            };
        int side = (int)Math.Sqrt(spec.Model.Inputs);
        Examples data = hasTargets
            ? FeatureSet.FromTargets(golden.Singles("features"), golden.Singles("targets"), 20, 8)
            : hasFeatures
            ? FeatureSet.FromRows(golden.Singles("features"), golden.Bytes("labels"), 20)
            : isConvolution ? ImageSet.FromDense(golden.Bytes("pixels"), golden.Bytes("labels"), 10, 9, 3)
            : ImageSet.FromDense(golden.Bytes("pixels"), golden.Bytes("labels"), side, side);
        var layout = new ParameterLayout(spec.Model);
        var lane = new GradientLane(spec, layout, data, new ExampleOrder(spec), width);
        var optimizer = Optimizer.Create(spec, layout, width);
        int[] examples = [.. Enumerable.Range(0, batchSize)];

        var weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        foreach ((string key, Parameter parameter) in Parameters(layout))
            parameter.CopyIn(golden.Singles(key + ".init"), weights);
        var gradient = new float[layout.Length];
        var velocity = new float[optimizer.StateLength];
        var losses = new double[2 * steps];
        for (int step = 0; step < steps; step++)
        {
            if (keepProb < 1.0)
                SetMask(lane.Network, golden.Singles("mask1"), step, batchSize, layout.Layers[0].Weights);
            var batch = new BatchPosition(step, 0, 0, batchSize);
            NodeStatistics statistics = lane.Compute(new ReductionTree(shards).Root, batch, weights, gradient, examples);
            losses[2 * step] = statistics.LossSum / batchSize;
            losses[2 * step + 1] = losses[2 * step] + L2Penalty(layout, spec, weights);
            if (step == 0)
                CheckGradient(golden, layout, spec, gradient, weights, batchSize);
            optimizer.Apply(batch, gradient, weights, velocity, weights);
        }

        AssertClose("loss", losses, golden.Doubles("loss.f64"), golden.Doubles("loss.f32"));
        foreach ((string key, Parameter parameter) in Parameters(layout).Concat(Statistics(layout)))
            AssertClose(key + ".final", Values(parameter, weights), golden.Doubles(key + ".final.f64"), golden.Doubles(key + ".final.f32"));
        if (!normalises)
            return;
        float[] logits = new float[batchSize * spec.Model.Classes];
        new Evaluator(spec.Model, layout).Logits(weights, data, 0, batchSize, logits);
        AssertClose("logits", [.. logits.Select(value => (double)value)], golden.Doubles("logits.f64"), golden.Doubles("logits.f32"));
    }

    /// <summary>
    /// Many steps with given gradients of many sizes, at the default numbers: what is left of the bias correction shows here.
    /// </summary>
    [Fact]
    public void AdamW_ManyGivenGradients_StaysWithinRoundingOfTheReference()
    {
        using var golden = new NpzFile(Path.Combine(AppContext.BaseDirectory, "Golden", "adamw-steps.npz"));
        int steps = golden.Shape("grads")[0];
        RunSpec spec = TestRuns.Spec("2-16", steps: steps, optimizer: new AdamWSpec { LearningRate = 1e-3 });
        var layout = new ParameterLayout(spec.Model);
        var optimizer = Optimizer.Create(spec, layout);
        float[] weights = golden.Singles("init"), gradients = golden.Singles("grads"), state = new float[optimizer.StateLength];
        for (int step = 0; step < steps; step++)
            Assert.True(optimizer.Apply(
                new BatchPosition(step, 0, 0, 1), gradients.AsSpan(step * layout.Length, layout.Length), weights, state, weights));

        foreach ((string name, float[] ours) in new[] { ("final", weights), ("m", state[..layout.Length]), ("v", state[layout.Length..]) })
            AssertClose(name, [.. ours.Select(value => (double)value)], golden.Doubles(name + ".f64"), golden.Doubles(name + ".f32"));
    }

    private static void CheckGradient(
        NpzFile golden, ParameterLayout layout, RunSpec spec, float[] gradient, float[] weights, int batchSize)
    {
        foreach ((string key, Parameter parameter) in Parameters(layout))
        {
            double[] mean = Values(parameter, gradient), at = Values(parameter, weights);
            for (int i = 0; i < mean.Length; i++)
                mean[i] = mean[i] / batchSize + (parameter.IsWeights ? spec.Optimizer.L2 * at[i] : 0.0);

            // Biases below a batch normalisation have no gradient, only its rounding.
            if (golden.Doubles(key + ".grad0.f64").Max(Math.Abs) < 1e-15)
                continue;
            AssertClose(key + ".grad0", mean, golden.Doubles(key + ".grad0.f64"), golden.Doubles(key + ".grad0.f32"));
        }
    }

    /// <summary>
    /// No value is further from the double-precision reference than four roundings at the size of the tensor's largest value, or than twice
    /// what the other framework's single precision is at worst, and as a whole (root mean square) we stray no further than three times as far as
    /// that.
    /// </summary>
    private static void AssertClose(string what, double[] ours, double[] reference, double[] theirs)
    {
        Assert.Equal(reference.Length, ours.Length);
        double largest = reference.Max(Math.Abs), worst = 0, theirWorst = 0, ourSquares = 0, theirSquares = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            double error = Math.Abs(ours[i] - reference[i]), theirError = Math.Abs(theirs[i] - reference[i]);
            Assert.False(double.IsNaN(error), $"{what}[{i}] is {ours[i]}.");
            worst = Math.Max(worst, error);
            theirWorst = Math.Max(theirWorst, theirError);
            ourSquares += error * error;
            theirSquares += theirError * theirError;
        }

        double rounding = MathF.BitIncrement((float)largest) - (float)largest;
        Assert.True(
            worst <= Math.Max(4 * rounding, 2 * theirWorst),
            $"{what} strays by {worst / rounding:F1} roundings of its largest value; expected at most 4, or twice "
                + $"the {theirWorst / rounding:F1} of the other framework.");
        Assert.True(
            ourSquares <= 9 * theirSquares,
            $"{what} strays {Math.Sqrt(ourSquares / theirSquares):F1} times as far as the other framework's single precision; expected "
                + "at most 3.");
    }

    private static double L2Penalty(ParameterLayout layout, RunSpec spec, float[] weights) =>
        spec.Optimizer.L2 / 2 * layout.Parameters.Where(parameter => parameter.IsWeights)
            .Sum(parameter => Values(parameter, weights).Sum(w => w * w));

    private static void SetMask(Network network, float[] masks, int step, int rows, Parameter layer)
    {
        network.Begin(rows);
        Span<uint> keep = ((DenseLayer)network.Layers[0]).Mask;
        for (int row = 0; row < rows; row++)
        {
            for (int unit = 0; unit < layer.Columns; unit++)
                keep[row * layer.Stride + unit] = masks[(step * rows + row) * layer.Columns + unit] != 0f ? uint.MaxValue : 0;
        }
    }

    private static IEnumerable<(string Key, Parameter Parameter)> Parameters(ParameterLayout layout)
    {
        int number = 0;
        foreach (LayerParameters layer in layout.Layers.Where(layer => layer.Parameters.Count > 0))
        {
            number++;
            yield return ($"W{number}", layer.Weights);
            yield return ($"b{number}", layer.Biases);
        }
    }

    private static IEnumerable<(string Key, Parameter Parameter)> Statistics(ParameterLayout layout)
    {
        int number = 0;
        foreach (LayerParameters layer in layout.Layers.Where(layer => layer.Parameters.Count > 0))
        {
            number++;
            foreach ((string kind, Parameter parameter) in new[] { "M", "V" }.Zip(layer.Parameters.Skip(2)))
                yield return ($"{kind}{number}", parameter);
        }
    }

    private static double[] Values(Parameter parameter, float[] flat)
    {
        var values = new float[parameter.Count];
        parameter.CopyOut(flat, values);
        return [.. values.Select(value => (double)value)];
    }
}
