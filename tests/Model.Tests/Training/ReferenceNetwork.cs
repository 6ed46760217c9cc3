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
        double sum = 0;
        for (int row = 0; row < indices.Length; row++)
        {
            double[] input = [.. Values(examples, indices[row]).Select((value, i) => keep(-1, row, i) ? value / model.InputKeepProb : 0.0)];
            for (int i = 0; i < model.Layers.Count; i++)
            {
                if (model.Layers[i] is not DenseSpec layer)
                {
                    input = ReferenceMaps.Forward(layout.Layers[i], weights, input, Activate);
                    continue;
                }

                Parameter w = layout.Layers[i].Weights, b = layout.Layers[i].Biases;
                var output = new double[layer.Units];
                for (int j = 0; j < output.Length; j++)
                {
                    double z = weights[b.Offset + j];
                    for (int k = 0; k < input.Length; k++)
                        z += input[k] * weights[w.Offset + k * w.Stride + j];
                    bool last = i == model.Layers.Count - 1;
                    output[j] = last ? z : keep(i, row, j) ? Activate(layer.Activation, z) / layer.KeepProb : 0.0;
                }

                input = output;
            }

            sum += LossOf(run, input, examples.Labels[indices[row]]);
        }

        return sum;
    }

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
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
