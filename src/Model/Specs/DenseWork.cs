namespace Lockstep.Model.Specs;

/// <summary>The cost of a training step that multiplies every zero: what other trainers do, and the reference of the benchmarks.</summary>
public static class DenseWork
{
    /// <summary>
    /// Multiplications and additions of the dense matrix products of one example: for each layer the forward pass and the weight gradients
    /// (2·inputs·units each in a dense one), and for each layer except the lowest as many again for the data gradients.
    /// </summary>
    public static double Flops(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Layers.Sum(layer => 2 * layer.Flops) + model.Layers.Skip(1).Sum(layer => layer.Flops);
    }
}
