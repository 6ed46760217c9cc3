using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Training;

/// <summary>Layers that normalise in double precision, from their definition. Values are [row, column, channel].</summary>
internal static class ReferenceNorms
{
    public static IEnumerable<double[]> Batch(
        BatchNormSpec spec, LayerParameters layer, double[] weights, double[][] inputs, int shards)
    {
        var batch = new BatchPosition(0, 0, 0, inputs.Length);
        for (int shard = 0; shard < shards; shard++)
        {
            double[][] group = inputs[batch.ShardStart(shard, shards)..batch.ShardStart(shard + 1, shards)];
            double[] means = new double[spec.InputChannels], variances = new double[spec.InputChannels];
            for (int channel = 0; channel < spec.InputChannels; channel++)
            {
                double[] values = [.. group.SelectMany(input => input.Where((_, i) => i % spec.InputChannels == channel))];
                means[channel] = spec.Mean.IsTrainable ? values.Average() : weights[layer.Parameters[2].Offset + channel];
                variances[channel] = spec.Mean.IsTrainable
                    ? values.Average(value => Math.Pow(value - means[channel], 2))
                    : weights[layer.Parameters[3].Offset + channel];
            }

            foreach (double[] input in group)
            {
                yield return [.. input.Select((value, i) => Scaled(
                    layer, weights, i % spec.InputChannels, value - means[i % spec.InputChannels],
                    variances[i % spec.InputChannels] + spec.Epsilon))];
            }
        }
    }

    public static double[] Layer(LayerNormSpec spec, LayerParameters layer, double[] weights, double[] input)
    {
        double mean = input.Average(), variance = input.Average(value => Math.Pow(value - mean, 2));
        return [.. input.Select((value, i) => Scaled(layer, weights, i, value - mean, variance + spec.Epsilon))];
    }

    /// <summary>Probability that a standard normal number is below z: by Simpson's rule from 0.</summary>
    public static double NormalProbability(double z)
    {
        const int parts = 400;
        double h = z / parts, sum = 0;
        for (int i = 0; i <= parts; i++)
            sum += (i is 0 or parts ? 1 : i % 2 == 0 ? 2 : 4) * Math.Exp(-i * h * i * h / 2);
        return 0.5 + sum * h / 3 / Math.Sqrt(2 * Math.PI);
    }

    private static double Scaled(LayerParameters layer, double[] weights, int channel, double difference, double variance) =>
        difference / Math.Sqrt(variance) * weights[layer.Parameters[0].Offset + channel] + weights[layer.Parameters[1].Offset + channel];
}
