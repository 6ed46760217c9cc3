namespace Lockstep.Interchange;

/// <summary>Which way weight matrices lie in a file.</summary>
public enum MatrixLayout
{
    /// <summary>[in, out], as here and in TensorFlow.</summary>
    InOut,

    /// <summary>[out, in], as in PyTorch.</summary>
    OutIn,
}
