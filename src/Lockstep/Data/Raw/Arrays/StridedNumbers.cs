using System.Numerics;
using System.Runtime.InteropServices;
using Lockstep.Shared.Interchange;

namespace Lockstep.Data.Raw.Arrays;

/// <summary>A column of a row-major array of numbers. Integers are exact up to 2^53.</summary>
internal sealed class StridedNumbers : NumberValues
{
    private const int BlockRows = 1024;

    private readonly DenseArray _array;
    private readonly int _first;
    private readonly int _stride;
    private readonly Lazy<int> _missing;

    /// <summary>A column without a copy.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="array">[rows, ...] numbers, none infinite.</param>
    /// <param name="first">Element of the first row.</param>
    public StridedNumbers(string name, DenseArray array, int first) : base(name)
    {
        _array = array;
        _first = first;
        Count = array.Shape[0];
        _stride = array.Values.Length / array.Size / Count;
        _missing = new Lazy<int>(CountMissing);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Missing => _missing.Value;

    /// <inheritdoc/>
    public override void CopyTo(int first, Span<double> values)
    {
        switch (_array.Type)
        {
            case ElementType.Boolean or ElementType.UInt8:
                Copy<byte>(first, values);
                break;
            case ElementType.Int8:
                Copy<sbyte>(first, values);
                break;
            case ElementType.Int16:
                Copy<short>(first, values);
                break;
            case ElementType.UInt16:
                Copy<ushort>(first, values);
                break;
            case ElementType.Int32:
                Copy<int>(first, values);
                break;
            case ElementType.UInt32:
                Copy<uint>(first, values);
                break;
            case ElementType.Int64:
                Copy<long>(first, values);
                break;
            case ElementType.UInt64:
                Copy<ulong>(first, values);
                break;
            case ElementType.Float16:
                Copy<Half>(first, values);
                break;
            case ElementType.Float32:
                Copy<float>(first, values);
                break;
            case ElementType.Float64:
                Copy<double>(first, values);
                break;
            default:
                throw new InvalidOperationException($"'{Name}' holds {_array.Type}, not numbers.");
        }
    }

    private void Copy<T>(int first, Span<double> values)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(_array.Values.AsSpan());
        long at = _first + (long)first * _stride;
        for (int row = 0; row < values.Length; row++, at += _stride)
            values[row] = double.CreateTruncating(from[(int)at]);
    }

    private int CountMissing()
    {
        if (!_array.IsFloat)
            return 0;
        Span<double> block = stackalloc double[BlockRows];
        int missing = 0;
        for (int row = 0; row < Count; row += BlockRows)
        {
            Span<double> values = block[..Math.Min(BlockRows, Count - row)];
            CopyTo(row, values);
            foreach (double value in values)
                missing += double.IsNaN(value) ? 1 : 0;
        }

        return missing;
    }
}
