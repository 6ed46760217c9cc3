namespace Lockstep.Interchange;

/// <summary>Names and layout of weights in a file of another program.</summary>
public sealed record InterchangeOptions
{
    /// <summary>
    /// Whether the names are those of <c>torch.nn.Sequential</c>: <c>0.weight</c>, <c>0.bias</c> and so on. Null, the default, is what the
    /// names of a file to import say, and of a file to export the model's own.
    /// </summary>
    public bool? TorchNames { get; init; }

    /// <summary>
    /// Layout of matrices; null, the default, is <see cref="MatrixLayout.OutIn"/> with <see cref="TorchNames"/>, else
    /// <see cref="MatrixLayout.InOut"/>.
    /// </summary>
    public MatrixLayout? Layout { get; init; }

    /// <summary>Parameters with another name in the file: the model's name by the file's.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether matrices are transposed in the file.</summary>
    internal bool IsTransposed => (Layout ?? (TorchNames == true ? MatrixLayout.OutIn : MatrixLayout.InOut)) == MatrixLayout.OutIn;
}
