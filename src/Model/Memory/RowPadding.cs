namespace Lockstep.Model.Memory;

/// <summary>
/// Rows of matrices are padded with zeros to whole 512-bit vectors, so that kernels have neither tails nor masks at any vector width.
/// </summary>
public static class RowPadding
{
    /// <summary>Rows are padded to a multiple of this many floats.</summary>
    public const int Floats = 16;

    /// <summary><paramref name="width"/> rounded up to <see cref="Floats"/>.</summary>
    public static int Pad(int width) => (width + Floats - 1) & -Floats;
}
