namespace Lockstep.Interchange;

/// <summary>Layout of weight matrices in a file.</summary>
public enum MatrixLayout
{
    /// <summary>[in, out], as here and in TensorFlow.</summary>
    InOut,

    /// <summary>[out, in], as in PyTorch.</summary>
    OutIn,
}
