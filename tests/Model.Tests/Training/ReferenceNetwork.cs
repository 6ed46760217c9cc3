using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Training;

/// <summary>The loss of a network in double precision, written down as plainly as it gets: the yardstick of the gradients.</summary>
internal static class ReferenceNetwork
{
    /// <summary>Sum of the loss over the examples.</summary>
    /// <param name="run">The run, whose network and loss it is.</param>
    /// <param name="layout">Layout of the parameters.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="indices">Which of them.</param>
    /// <param name="keep">Of a hidden layer, or of the input as layer -1, a row and a unit: whether it is kept.</param>
    public static double LossSum(
        RunSpec run, ParameterLayout layout, double[] weights, Examples examples, int[] indices, Func<int, int, int, bool> keep)
    {
        ModelSpec model = run.Model;
        double[][] inputs = [.. indices.Select((index, row) => Values(examples, index)
            .Select((value, i) => keep(-1, row, i) ? value / model.InputKeepProb : 0.0).ToArray())];
        for (int i = 0; i < model.Layers.Count; i++)
        {
            (LayerParameters layer, int at) = (layout.Layers[i], i);
            inputs = model.Layers[i] switch
            {
                DenseSpec spec => [.. inputs.Select((input, row) => Dense(
                    spec, layer, weights, input, unit => i == model.Layers.Count - 1 || keep(at, row, unit)))],
                BatchNormSpec spec => [.. ReferenceNorms.Batch(spec, layer, weights, inputs, run.Shards).Select((values, row) =>
                    Activated(spec, values, unit => keep(at, row, unit)))],
                LayerNormSpec spec => [.. inputs.Select((input, row) =>
                    Activated(spec, ReferenceNorms.Layer(spec, layer, weights, input), unit => keep(at, row, unit)))],
                _ => [.. inputs.Select(input => ReferenceMaps.Forward(layer, weights, input, Activate))],
            };
        }

        double sum = 0;
        for (int row = 0; row < inputs.Length; row++)
        {
            sum += run.IsRegression
                ? inputs[row].Select((z, c) => Math.Pow(z - examples.Targets[indices[row] * inputs[row].Length + c], 2)).Average()
                : LossOf(run, inputs[row], examples.Labels[indices[row]]);
        }

        return sum;
    }

    private static double[] Dense(DenseSpec spec, LayerParameters layer, double[] weights, double[] input, Func<int, bool> keep)
    {
        Parameter w = layer.Weights, b = layer.Biases;
        return [.. Enumerable.Range(0, spec.Units).Select(unit =>
        {
            double z = weights[b.Offset + unit] + input.Select((x, k) => x * weights[w.Offset + k * w.Stride + unit]).Sum();
            return keep(unit) ? Activate(spec.Activation, z) / spec.KeepProb : 0.0;
        })];
    }

    private static double[] Activated(NormalizationSpec spec, double[] values, Func<int, bool> keep) =>
        [.. values.Select((z, unit) => keep(unit) ? Activate(spec.Activation, z) / spec.KeepProb : 0.0)];

    private static double[] Values(Examples examples, int index)
    {
        if (examples is FeatureSet features)
            return [.. features.Values.Slice(index * features.Features, features.Features).ToArray().Select(value => (double)value)];
        var images = (ImageSet)examples;
        byte[] pixels = new byte[images.Pixels];
        images.CopyPixels(index, pixels);
        return [.. pixels.Select(pixel => pixel / 255.0)];
    }

    private static double LossOf(RunSpec run, double[] outputs, int label)
    {
        if (run.Loss == LossKind.MeanSquaredError)
            return outputs.Select((z, c) => Math.Pow(z - (c == label ? 1.0 : 0.0), 2)).Average();
        double max = outputs.Max();
        double logSum = Math.Log(outputs.Sum(z => Math.Exp(z - max))) + max, loss = 0;
        for (int c = 0; c < outputs.Length; c++)
        {
            double target = (c == label ? 1.0 - run.LabelSmoothing : 0.0) + run.LabelSmoothing / outputs.Length;
            loss += (run.ClassWeights.Count == 0 ? 1.0 : run.ClassWeights[c]) * target * (logSum - outputs[c]);
        }

        return loss;
    }

    private static double Activate(Activation activation, double z) => activation switch
    {
        Activation.Linear => z,
        Activation.Relu => Math.Max(z, 0.0),
        Activation.Tanh => Math.Tanh(z),
        Activation.Sigmoid => 1.0 / (1.0 + Math.Exp(-z)),
        Activation.LeakyRelu => z > 0.0 ? z : 0.01 * z,
        Activation.Gelu => z * ReferenceNorms.NormalProbability(z),
        Activation.Silu => z / (1.0 + Math.Exp(-z)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
