namespace Lockstep.Model.Kernels;

/// <summary>
/// Copies a matrix turned over: <c>destination[j, i] = source[i, j]</c>, in blocks that stay in the cache.
/// source: [rows, columns] with stride sourceStride; destination: [columns, rows] with its own stride, whose padding is set to zero.
/// </summary>
internal static class Transpose
{
    private const int Block = 16;

    /// <exception cref="ArgumentException">An operand is shorter than its shape.</exception>
    public static void Run(ReadOnlySpan<float> source, int rows, int columns, int sourceStride, Span<float> destination, int destinationStride)
    {
        if (sourceStride < columns || destinationStride < rows
            || source.Length < (rows - 1L) * sourceStride + columns || destination.Length < (long)columns * destinationStride)
        {
            throw new ArgumentException($"{source.Length} values with stride {sourceStride} and {destination.Length} with stride {destinationStride} for [{rows}, {columns}].");
        }

        for (int firstColumn = 0; firstColumn < columns; firstColumn += Block)
        {
            int endColumn = Math.Min(columns, firstColumn + Block);
            for (int firstRow = 0; firstRow < rows; firstRow += Block)
            {
                int endRow = Math.Min(rows, firstRow + Block);
                for (int j = firstColumn; j < endColumn; j++)
                {
                    Span<float> line = destination.Slice(j * destinationStride + firstRow, endRow - firstRow);
                    int k = firstRow * sourceStride + j;
                    for (int i = 0; i < line.Length; i++, k += sourceStride)
                        line[i] = source[k];
                }
            }
        }

        for (int j = 0; j < columns; j++)
            destination.Slice(j * destinationStride + rows, destinationStride - rows).Clear();
    }
}
