using Lockstep.Model.Specs;

namespace Lockstep.Bench.Compare;

/// <summary>What no trainer that multiplies the zeros can beat on one core.</summary>
internal static class Roofline
{
    /// <summary>Multiplications and additions of the dense matrix products of one example: forward, weight gradients, and data gradients above the input.</summary>
    public static double DenseFlops(ModelSpec model) =>
        model.Layers.Sum(layer => 4.0 * layer.Inputs * layer.Units) + model.Layers.Skip(1).Sum(layer => 2.0 * layer.Inputs * layer.Units);
}
