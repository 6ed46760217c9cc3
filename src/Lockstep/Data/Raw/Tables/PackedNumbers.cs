namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// A column of numbers in blocks of rows: of bytes where all numbers of the block are whole and from 0 to 255, as pixels are, otherwise of
/// doubles.
/// </summary>
internal sealed class PackedNumbers : NumberValues
{
    private readonly Array[] _blocks;
    private readonly int[] _starts;

    /// <param name="name">Name of the column.</param>
    /// <param name="blocks">Blocks as <see cref="Pack"/> gives them.</param>
    /// <param name="missing">Number of missing values.</param>
    public PackedNumbers(string name, IEnumerable<Array> blocks, int missing)
        : base(name)
    {
        _blocks = [.. blocks.Where(block => block.Length > 0)];
        _starts = new int[_blocks.Length];
        foreach ((int index, Array block) in _blocks.Index())
        {
            _starts[index] = Count;
            Count += block.Length;
        }

        Missing = missing;
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Missing { get; }

    /// <summary>Copies numbers into as little memory as they need.</summary>
    /// <param name="values">Numbers; NaN for missing ones.</param>
    /// <returns>Bytes or doubles.</returns>
    public static Array Pack(ReadOnlySpan<double> values)
    {
        byte[] bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            byte whole = (byte)Math.Clamp(values[i], 0, 255);
            // Bits, for negative zero.
            if (BitConverter.DoubleToInt64Bits(whole) != BitConverter.DoubleToInt64Bits(values[i]))
                return values.ToArray();
            bytes[i] = whole;
        }

        return bytes;
    }

    /// <inheritdoc/>
    public override void CopyTo(int first, Span<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, Count - first);
        if (values.IsEmpty)
            return;
        int block = Array.BinarySearch(_starts, first);
        for (block = block < 0 ? ~block - 1 : block; !values.IsEmpty; block++)
        {
            int offset = first - _starts[block], count = Math.Min(_blocks[block].Length - offset, values.Length);
            if (_blocks[block] is byte[] bytes)
            {
                for (int i = 0; i < count; i++)
                    values[i] = bytes[offset + i];
            }
            else
            {
                ((double[])_blocks[block]).AsSpan(offset, count).CopyTo(values);
            }

            first += count;
            values = values[count..];
        }
    }
}
