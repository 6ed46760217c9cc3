using System.Runtime.InteropServices;

namespace Lockstep.Shared.Interchange;

/// <summary>Converts arrays in Fortran's order, in which the first index varies fastest.</summary>
internal static class RowMajor
{
    /// <summary>Converts column-major values to row-major.</summary>
    /// <param name="columnMajor">[shape], the first index fastest.</param>
    /// <param name="shape">The dimensions.</param>
    /// <returns>The same array where both orders are the same.</returns>
    public static T[] From<T>(T[] columnMajor, ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        if (shape.Length < 2)
            return columnMajor;
        T[] rowMajor = new T[columnMajor.Length];
        Convert(columnMajor, shape, 1, rowMajor);
        return rowMajor;
    }

    /// <summary>The same for elements of several bytes.</summary>
    /// <param name="columnMajor">[shape, size], the first index fastest.</param>
    /// <param name="shape">The dimensions.</param>
    /// <param name="size">Bytes of an element.</param>
    public static byte[] From(byte[] columnMajor, ReadOnlySpan<int> shape, int size)
    {
        if (shape.Length < 2)
            return columnMajor;
        byte[] rowMajor = new byte[columnMajor.Length];
        switch (size)
        {
            case 2:
                Convert(Cast<ushort>(columnMajor), shape, 1, Cast<ushort>(rowMajor));
                break;
            case 4:
                Convert(Cast<uint>(columnMajor), shape, 1, Cast<uint>(rowMajor));
                break;
            case 8:
                Convert(Cast<ulong>(columnMajor), shape, 1, Cast<ulong>(rowMajor));
                break;
            default:
                Convert<byte>(columnMajor, shape, size, rowMajor);
                break;
        }

        return rowMajor;
    }

    private static Span<T> Cast<T>(byte[] values)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(values.AsSpan());

    private static void Convert<T>(ReadOnlySpan<T> columnMajor, ReadOnlySpan<int> shape, int size, Span<T> rowMajor)
    {
        int[] index = new int[shape.Length], strides = new int[shape.Length];
        for (int axis = 0, stride = size; axis < shape.Length; stride *= shape[axis++])
            strides[axis] = stride;
        for (int i = 0, from = 0; i < rowMajor.Length; i += size)
        {
            columnMajor.Slice(from, size).CopyTo(rowMajor[i..]);
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }
    }
}
