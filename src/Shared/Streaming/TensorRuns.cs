using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// The parts of a gradient that are sent. Pixels that are zero in a whole batch leave rows of the input layer's gradient zero: for MNIST, a
/// third of 784. A gradient's frame holds a table of runs, then their floats; everything else is +0. The table, little-endian uint32:
/// <code>
/// number of runs, then for each its first float and its number of floats: multiples of 16, ascending, not empty, not adjacent
/// </code>
/// One instance per thread, because the table is reused.
/// </summary>
public sealed class TensorRuns
{
    private const int BytesPerRun = 2 * sizeof(uint);

    // Shorter gaps are sent as zeros, because one more system call at both ends costs more. On loopback bytes are cheap compared to calls.
    private const int LeastGap = 1024, LeastGapOnLoopback = 4096;

    private readonly int _length;
    private readonly int _rows;
    private readonly int _stride;
    private readonly (int First, int Count)[] _runs;
    private readonly byte[] _table;
    private int _count;

    /// <summary>For gradients of a layout.</summary>
    public TensorRuns(ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        // If the first parameter of the first layer is trained, it comes first in the layout: for a dense layer, the weights.
        Parameter? weights = layout.Layers[0].Parameters.FirstOrDefault(
            parameter => parameter.Offset == 0 && parameter.IsTrainable && parameter.IsWeights);
        _length = layout.TrainableLength;
        _rows = weights?.Rows ?? 0;
        _stride = weights?.Stride ?? 0;
        _runs = new (int, int)[MaxRuns(_length)];
        _table = new byte[TableBytes(_runs.Length)];
    }

    /// <summary>The runs of the last gradient found or received.</summary>
    public ReadOnlySpan<(int First, int Count)> Runs => _runs.AsSpan(0, _count);

    /// <summary>Size of the table and the runs in bytes.</summary>
    public int PayloadLength
    {
        get
        {
            int floats = 0;
            foreach ((_, int count) in Runs)
                floats += count;
            return TableBytes(_count) + floats * sizeof(float);
        }
    }

    /// <summary>Maximum payload of a gradient of <paramref name="length"/> floats.</summary>
    public static long MaxPayload(int length) => TableBytes(MaxRuns(length)) + (long)length * sizeof(float);

    /// <summary>Finds the runs of a gradient, and returns their table.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="isLoopback">Whether it goes to another process of this machine.</param>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<float> gradient, bool isLoopback)
    {
        int leastGap = isLoopback ? LeastGapOnLoopback : LeastGap;
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(gradient[.._length]);
        _count = 0;
        int start = 0, end = 0;
        for (int row = 0; row < _rows; row++)
        {
            int first = row * _stride;
            if (!bits.Slice(first, _stride).ContainsAnyExcept(0))
                continue;
            if (first - end >= leastGap)
            {
                Add(start, end);
                start = first;
            }

            end = first + _stride;
        }

        int rest = _rows * _stride;
        if (rest - end >= leastGap && rest < _length)
        {
            Add(start, end);
            start = rest;
        }

        Add(start, rest < _length ? _length : end);
        return Encode();
    }

    /// <summary>The space of the table, whose first four bytes are given and copied there.</summary>
    /// <exception cref="StreamException">There are more runs than a gradient can have.</exception>
    internal Span<byte> ReserveTable(ReadOnlySpan<byte> count, string peer)
    {
        uint runs = BinaryPrimitives.ReadUInt32LittleEndian(count);
        if (runs > _runs.Length)
            throw new StreamException(StreamError.BadContent, peer, $"got a gradient of {runs} runs; expected at most {_runs.Length}.");
        _count = (int)runs;
        count.CopyTo(_table);
        return _table.AsSpan(0, TableBytes(_count));
    }

    /// <summary>Parses the received table.</summary>
    /// <exception cref="StreamException">Its runs do not ascend within the gradient.</exception>
    internal void Decode(string peer)
    {
        uint end = 0;
        for (int i = 0; i < _count; i++)
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(_table.AsSpan(TableBytes(i)));
            uint floats = BinaryPrimitives.ReadUInt32LittleEndian(_table.AsSpan(TableBytes(i) + sizeof(uint)));
            if (first > _length || floats == 0 || floats > _length - first || first % RowPadding.Floats != 0
                || floats % RowPadding.Floats != 0 || (i > 0 && first <= end))
            {
                throw new StreamException(StreamError.BadContent, peer,
                    $"got a gradient with a run of {floats} floats from {first} on, after one up to {end}; "
                        + $"expected multiples of {RowPadding.Floats}, ascending up to {_length}.");
            }

            _runs[i] = ((int)first, (int)floats);
            end = first + floats;
        }
    }

    /// <summary>Zeroes what no run covers.</summary>
    internal void ClearGaps(Span<float> gradient)
    {
        int end = 0;
        foreach ((int first, int count) in Runs)
        {
            gradient[end..first].Clear();
            end = first + count;
        }

        gradient[end.._length].Clear();
    }

    private static int MaxRuns(int length) => length / LeastGap + 2;

    private static int TableBytes(int runs) => sizeof(uint) + runs * BytesPerRun;

    private void Add(int start, int end)
    {
        if (end > start)
            _runs[_count++] = (start, end - start);
    }

    private ReadOnlySpan<byte> Encode()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_table, (uint)_count);
        for (int i = 0; i < _count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_table.AsSpan(TableBytes(i)), (uint)_runs[i].First);
            BinaryPrimitives.WriteUInt32LittleEndian(_table.AsSpan(TableBytes(i) + sizeof(uint)), (uint)_runs[i].Count);
        }

        return _table.AsSpan(0, TableBytes(_count));
    }
}
