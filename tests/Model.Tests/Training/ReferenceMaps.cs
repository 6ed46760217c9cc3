using Lockstep.Model.Layers;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Training;

/// <summary>Layers that read maps in double precision, from their definition. Values are [row, column, channel].</summary>
internal static class ReferenceMaps
{
    public static double[] Forward(LayerParameters layer, double[] weights, double[] input, Func<Activation, double, double> activate) =>
        layer.Spec switch
        {
            ConvolutionSpec spec => Convolve(spec, layer.Weights, layer.Biases, weights, input, activate),
            PoolingSpec spec => Pool(spec, input),
            FlattenSpec spec => Flatten(spec, input),
            _ => throw new NotSupportedException(layer.Spec.Kind.Name),
        };

    private static double[] Convolve(
        ConvolutionSpec spec, Parameter filters, Parameter biases, double[] weights, double[] input, Func<Activation, double, double> activate)
    {
        (int height, int width) = (spec.OutputShape.Dimensions[0], spec.OutputShape.Dimensions[1]);
        var output = new double[height * width * spec.Channels];
        for (int o = 0; o < output.Length; o++)
        {
            int channel = o % spec.Channels, x = o / spec.Channels % width, y = o / spec.Channels / width;
            double z = weights[biases.Offset + channel];
            for (int k = 0; k < filters.Rows; k++)
            {
                int below = k / (spec.Kernel * spec.Kernel), row = y * spec.Stride + k / spec.Kernel % spec.Kernel - spec.Padding,
                    column = x * spec.Stride + k % spec.Kernel - spec.Padding;
                if (row >= 0 && row < spec.InputHeight && column >= 0 && column < spec.InputWidth)
                    z += input[(row * spec.InputWidth + column) * spec.InputChannels + below]
                        * weights[filters.Offset + k * filters.Stride + channel];
            }

            output[o] = activate(spec.Activation, z);
        }

        return output;
    }

    private static double[] Pool(PoolingSpec spec, double[] input)
    {
        (int height, int width) = (spec.OutputShape.Dimensions[0], spec.OutputShape.Dimensions[1]);
        var output = new double[height * width * spec.InputChannels];
        for (int o = 0; o < output.Length; o++)
        {
            int channel = o % spec.InputChannels, x = o / spec.InputChannels % width, y = o / spec.InputChannels / width;
            double[] window = [.. Enumerable.Range(0, spec.Size * spec.Size).Select(w =>
                input[((y * spec.Stride + w / spec.Size) * spec.InputWidth + x * spec.Stride + w % spec.Size) * spec.InputChannels + channel])];
            output[o] = spec.IsMaximum ? window.Max() : window.Average();
        }

        return output;
    }

    private static double[] Flatten(FlattenSpec spec, double[] input)
    {
        int places = spec.InputHeight * spec.InputWidth;
        return [.. Enumerable.Range(0, input.Length).Select(i => input[i % places * spec.InputChannels + i / places])];
    }
}
