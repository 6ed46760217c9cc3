using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// The output of a layer as the input of the next. Vectors are rows, [rows, stride], padded to 16 floats; maps are blocks
/// (<see cref="MapShape"/>).
/// </summary>
/// <param name="shape">Shape of one example.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class LayerOutput(TensorShape shape, LayerContext context) : LayerInput(context)
{
    private AlignedBuffer _values = new(0);
    private int _rows;

    public override int Rows => _rows;

    public override int Stride { get; } = shape.IsFlat ? RowPadding.Pad(shape.Columns) : 0;

    public override ReadOnlySpan<float> Values => Writable;

    /// <summary>The values, writable by the layer itself.</summary>
    public Span<float> Writable => _values.Span[..Floats];

    /// <summary>Floats of the batch, with padding.</summary>
    public int Floats => shape.IsFlat ? checked(_rows * Stride) : checked(MapShape.Blocks(_rows) * MapShape.Of(shape).BlockFloats);

    /// <summary>Prepares for a batch of <paramref name="rows"/> rows.</summary>
    public void Begin(int rows)
    {
        _rows = rows;
        _ = AlignedBuffer.Grown(ref _values, Floats);
    }
}
