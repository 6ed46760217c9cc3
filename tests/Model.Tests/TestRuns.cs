using Lockstep.Model.Data;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests;

/// <summary>Small runs on made-up images.</summary>
internal static class TestRuns
{
    public static RunSpec Spec(
        string model = "20-17-5", int batchSize = 8, int shards = 4, int examples = 30, double keepProb = 1.0, double momentum = 0.9,
        double l2 = 1e-3,
        double learningRate = 0.1, long steps = 10, ulong seed = 7, LearningRateSchedule? schedule = null, Initializer? initializer = null,
        Activation activation = Activation.Relu, double inputKeepProb = 1.0, OptimizerSpec? optimizer = null) => new()
        {
            Model = Model(model, keepProb, initializer, activation, inputKeepProb),
            Seed = seed,
            BatchSize = batchSize,
            Shards = shards,
            TotalSteps = steps,
            Optimizer = optimizer
                ?? new SgdSpec
                {
                    LearningRate = learningRate, Schedule = schedule
                ?? new LearningRateSchedule(), Momentum = momentum, L2 = l2
                },
            Data = new DataSpec { Name = "test", Sha256 = new string('0', 64), TrainingExamples = examples, ValidationExamples = 0 },
        };

    private static ModelSpec Model(string text, double keepProb, Initializer? initializer, Activation activation, double inputKeepProb)
    {
        ModelSpec model = ModelSpec.Parse(text, keepProb, initializer);
        return model with
        {
            InputKeepProb = inputKeepProb,
            Layers = [.. model.Layers.Select((layer, i) => layer switch
            {
                DenseSpec or ConvolutionSpec when i < model.Layers.Count - 1 && model.Layers[i + 1] is NormalizationSpec => layer,
                DenseSpec dense when i < model.Layers.Count - 1 => dense with { Activation = activation },
                ConvolutionSpec convolution => convolution with { Activation = activation },
                NormalizationSpec norm => norm with { Activation = activation },
                _ => layer,
            })],
        };
    }

    /// <summary>Features that fit a spec: a quarter of them zero, the rest normal to about ±2.</summary>
    public static FeatureSet Features(RunSpec spec)
    {
        int count = spec.Data.TrainingExamples, features = spec.Model.Inputs;
        var values = new float[count * features];
        for (int i = 0; i < values.Length; i++)
        {
            var words = Philox4x32.Block((uint)i, 3, 0, 0, 99);
            values[i] = words[3] % 4 == 0 ? 0f : (words[0] + (float)words[1] + words[2]) / (float)uint.MaxValue * 2f - 3f;
        }

        byte[] labels = [.. Enumerable.Range(0, count).Select(i => (byte)(Philox4x32.Block((uint)i, 4, 0, 0, 99)[0] % spec.Model.Classes))];
        return FeatureSet.FromRows(values, labels, features);
    }

    /// <summary>The same features with targets about normal to ±2, one for each output.</summary>
    public static FeatureSet Targets(RunSpec spec)
    {
        FeatureSet features = Features(spec);
        float[] targets = [.. Enumerable.Range(0, features.Count * spec.Model.Classes).Select(i =>
        {
            var words = Philox4x32.Block((uint)i, 6, 0, 0, 99);
            return (words[0] + (float)words[1] + words[2]) / (float)uint.MaxValue * 2f - 3f;
        })];
        return FeatureSet.FromTargets(features.Values, targets, features.Features, spec.Model.Classes);
    }

    /// <summary>
    /// Features that fit a spec, as a table of numbers and categories has them: the first three normal to about ±2, of every further ten
    /// or less one or none 1, the others 0. The first row has zeros only.
    /// </summary>
    public static FeatureSet OneHot(RunSpec spec)
    {
        const int numbers = 3, most = 10;
        int count = spec.Data.TrainingExamples, features = spec.Model.Inputs;
        float[] values = Features(spec).Values.ToArray();
        for (int row = 0; row < count; row++)
        {
            Span<float> all = values.AsSpan(row * features, features);
            for (int first = numbers; first < features; first += most)
            {
                int category = (int)(Philox4x32.Block((uint)row, (uint)first, 5, 0, 99)[0] % (most + 1));
                Span<float> column = all.Slice(first, Math.Min(most, features - first));
                column.Clear();
                if (category < column.Length)
                    column[category] = 1f;
            }
        }

        values.AsSpan(0, features).Clear();
        return FeatureSet.FromRows(values, Features(spec).Labels, features);
    }

    /// <summary>Images that fit a spec, with the given share of non-zero pixels.</summary>
    public static ImageSet Images(RunSpec spec, double density = 0.3)
    {
        int count = spec.Data.TrainingExamples, pixels = spec.Model.Inputs;
        var values = new byte[count * pixels];
        var labels = new byte[count];
        for (int i = 0; i < values.Length; i++)
        {
            var words = Philox4x32.Block((uint)i, 1, 0, 0, 99);
            values[i] = words[0] < density * uint.MaxValue ? (byte)(1 + words[1] % 255) : (byte)0;
        }

        for (int i = 0; i < count; i++)
            labels[i] = (byte)(Philox4x32.Block((uint)i, 2, 0, 0, 99)[0] % spec.Model.Classes);
        return spec.Model.InputShape.Dimensions is [var height, var width, var channels]
            ? ImageSet.FromDense(values, labels, height, width, channels)
            : ImageSet.FromDense(values, labels, 1, pixels);
    }
}
