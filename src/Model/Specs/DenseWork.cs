namespace Lockstep.Model.Specs;

/// <summary>What a training step would cost if every zero were multiplied too: what others' trainers do, and the measure of ours.</summary>
public static class DenseWork
{
    /// <summary>
    /// Multiplications and additions of the dense matrix products of one example: for each layer the forward pass and the weight gradients,
    /// 2·inputs·units each in a dense one, and for each layer but the lowest the data gradients, as many again.
    /// </summary>
    public static double Flops(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Layers.Sum(layer => 2 * layer.Flops) + model.Layers.Skip(1).Sum(layer => layer.Flops);
    }
}
