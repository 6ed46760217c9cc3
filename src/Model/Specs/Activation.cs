namespace Lockstep.Model.Specs;

/// <summary>Applied to a layer's sums before dropout. The numbers are part of the wire and checkpoint formats.</summary>
public enum Activation
{
    /// <summary>None: the layer's output are its sums. The last layer is always linear; its outputs are the logits.</summary>
    Linear = 0,

    /// <summary>max(x, 0), and +0 for -0; NaN stays NaN.</summary>
    Relu = 1,

    /// <summary>The hyperbolic tangent; NaN stays NaN.</summary>
    Tanh = 2,

    /// <summary>The logistic function 1 / (1 + e^-x); NaN stays NaN.</summary>
    Sigmoid = 3,

    /// <summary>x where it is greater than zero, else 0.01 · x; NaN stays NaN.</summary>
    LeakyRelu = 4,

    /// <summary>x · Φ(x), with the probability Φ that a standard normal number is below x; NaN stays NaN.</summary>
    Gelu = 5,

    /// <summary>x / (1 + e^-x), also called swish; NaN stays NaN.</summary>
    Silu = 6,
}
