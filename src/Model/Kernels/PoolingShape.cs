namespace Lockstep.Model.Kernels;

/// <summary>Sizes of a pooling, and where its windows lie.</summary>
internal sealed class PoolingShape
{
    private readonly int[] _starts;

    /// <summary>A pooling.</summary>
    /// <param name="input">The maps below.</param>
    /// <param name="size">Rows and columns of a window.</param>
    /// <param name="stride">Distance of two windows.</param>
    /// <param name="isMaximum">Whether a window becomes its largest value; otherwise its average.</param>
    public PoolingShape(MapShape input, int size, int stride, bool isMaximum)
    {
        (Input, IsMaximum) = (input, isMaximum);
        Output = new MapShape((input.Height - size) / stride + 1, (input.Width - size) / stride + 1, input.Channels);
        Share = 1f / (size * size);
        Offsets = [.. Enumerable.Range(0, size * size).Select(w => (w / size * input.Width + w % size) * MapShape.Lanes)];
        _starts = new int[Output.Values];
        for (int o = 0; o < _starts.Length; o++)
        {
            int channel = o / (Output.Height * Output.Width), row = o / Output.Width % Output.Height, column = o % Output.Width;
            _starts[o] = ((channel * input.Height + row * stride) * input.Width + column * stride) * MapShape.Lanes;
        }
    }

    /// <summary>The maps below.</summary>
    public MapShape Input { get; }

    /// <summary>The maps above.</summary>
    public MapShape Output { get; }

    /// <summary>Whether a window becomes its largest value.</summary>
    public bool IsMaximum { get; }

    /// <summary>1 / values of a window.</summary>
    public float Share { get; }

    /// <summary>The values of a window, in floats from its first.</summary>
    public int[] Offsets { get; }

    /// <summary>The first value of the window of a value above, in floats from the beginning of the block.</summary>
    public int Start(int value) => _starts[value];
}
