using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>The output of a layer as the input of the next: [rows, stride], with each row of the shape padded to 16 floats.</summary>
/// <param name="shape">Shape of one example.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class LayerOutput(TensorShape shape, LayerContext context) : LayerInput(context)
{
    private AlignedBuffer _values = new(0);
    private int _rows;

    public override int Rows => _rows;

    public override int Stride { get; } = checked((int)shape.Rows * RowPadding.Pad(shape.Columns));

    public override ReadOnlySpan<float> Values => Writable;

    /// <summary>The values, writable by the layer itself.</summary>
    public Span<float> Writable => _values.Span[..(_rows * Stride)];

    /// <summary>Prepares for a batch of <paramref name="rows"/> rows.</summary>
    public void Begin(int rows)
    {
        _rows = rows;
        _ = AlignedBuffer.Grown(ref _values, checked(rows * Stride));
    }
}
