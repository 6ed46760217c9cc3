namespace Lockstep.Interchange;

/// <summary>How weights are named, and how they lie, in a file of another program.</summary>
public sealed record InterchangeOptions
{
    /// <summary>Whether the names are those of <c>torch.nn.Sequential</c>: <c>0.weight</c>, <c>0.bias</c> and so on. Default false: the model's own.</summary>
    public bool TorchNames { get; init; }

    /// <summary>Which way matrices lie; null, the default, is <see cref="MatrixLayout.OutIn"/> along with <see cref="TorchNames"/>, else <see cref="MatrixLayout.InOut"/>.</summary>
    public MatrixLayout? Layout { get; init; }

    /// <summary>Parameters whose name in the file is another one than in the model: the model's name by the one in the file.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether matrices are transposed in the file.</summary>
    internal bool IsTransposed => (Layout ?? (TorchNames ? MatrixLayout.OutIn : MatrixLayout.InOut)) == MatrixLayout.OutIn;
}
