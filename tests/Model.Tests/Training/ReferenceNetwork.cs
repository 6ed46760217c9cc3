using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Training;

/// <summary>The loss of a network in double precision, written down as plainly as it gets: the yardstick of the gradients.</summary>
internal static class ReferenceNetwork
{
    /// <summary>Sum of the cross-entropy over the examples.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layout">Layout of the parameters.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="images">The images.</param>
    /// <param name="examples">Which of them.</param>
    /// <param name="keep">Of a hidden layer, or of the input as layer -1, a row and a unit: whether it is kept.</param>
    public static double LossSum(ModelSpec model, ParameterLayout layout, double[] weights, ImageSet images, int[] examples, Func<int, int, int, bool> keep)
    {
        double sum = 0;
        var pixels = new byte[images.Pixels];
        for (int row = 0; row < examples.Length; row++)
        {
            images.CopyPixels(examples[row], pixels);
            double[] input = [.. pixels.Select((pixel, p) => keep(-1, row, p) ? pixel / 255.0 / model.InputKeepProb : 0.0)];
            for (int i = 0; i < model.Layers.Count; i++)
            {
                DenseSpec layer = model.Dense[i];
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

            double max = input.Max();
            sum += Math.Log(input.Sum(z => Math.Exp(z - max))) + max - input[images.Labels[examples[row]]];
        }

        return sum;
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
