namespace Lockstep.Model.Specs;

/// <summary>What a layer applies to its sums before dropout. The numbers are those of the wire and of checkpoints.</summary>
public enum Activation
{
    /// <summary>Nothing: the layer's sums are its output. The last layer is always linear; its output are the logits.</summary>
    Linear = 0,

    /// <summary>max(x, 0), and +0 for -0; NaN stays NaN.</summary>
    Relu = 1,

    /// <summary>The hyperbolic tangent; NaN stays NaN.</summary>
    Tanh = 2,

    /// <summary>The logistic function 1 / (1 + e^-x); NaN stays NaN.</summary>
    Sigmoid = 3,

    /// <summary>x where it is greater than zero, else 0.01 · x; NaN stays NaN.</summary>
    LeakyRelu = 4,
}
