namespace Lockstep.Interchange;

/// <summary>Layout of weights in a file. A convolution has rows and columns of its filters after the inputs.</summary>
public enum MatrixLayout
{
    /// <summary>[in, out], as here and in TensorFlow.</summary>
    InOut,

    /// <summary>[out, in], as in PyTorch.</summary>
    OutIn,
}
