namespace Lockstep.Model.Specs;

/// <summary>What a training step would cost if every zero were multiplied too: what others' trainers do, and the measure of ours.</summary>
public static class DenseWork
{
    /// <summary>
    /// Multiplications and additions of the dense matrix products of one example: for each layer forward and weight gradients, 2·inputs·units
    /// each, and for each layer but the lowest the data gradients, as many again.
    /// </summary>
    public static double Flops(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Layers.Sum(layer => 4.0 * layer.Inputs * layer.Units) + model.Layers.Skip(1).Sum(layer => 2.0 * layer.Inputs * layer.Units);
    }
}
