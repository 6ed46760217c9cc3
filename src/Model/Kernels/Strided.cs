namespace Lockstep.Model.Kernels;

/// <summary>A matrix addressed by strides: element [m, k] is <c>Values[m · RowStride + k · ColumnStride]</c>.</summary>
internal readonly ref struct Strided(ReadOnlySpan<float> values, int rowStride, int columnStride)
{
    public ReadOnlySpan<float> Values { get; } = values;

    public int RowStride { get; } = rowStride;

    public int ColumnStride { get; } = columnStride;
}
