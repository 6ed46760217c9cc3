namespace Lockstep.Model.Specs;

/// <summary>What a layer applies to its sums before dropout.</summary>
public enum Activation
{
    /// <summary>Nothing: the layer's sums are its output. The last layer is always linear; its output are the logits.</summary>
    Linear = 0,

    /// <summary>max(x, 0), and +0 for everything that is not greater than zero.</summary>
    Relu = 1,
}
