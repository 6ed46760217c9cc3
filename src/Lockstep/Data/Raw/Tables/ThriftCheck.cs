namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// Checks metadata of Parquet (Thrift's compact protocol) before the library reads it, which trusts sizes and types, and would loop for
/// ever behind the end.
/// </summary>
/// <param name="bytes">The metadata, and maybe more.</param>
internal ref struct ThriftCheck(ReadOnlySpan<byte> bytes)
{
    private const int MaxDepth = 16;

    // Types as the protocol writes them.
    private const int Stop = 0, True = 1, False = 2, Byte = 3, Int16 = 4, Int64 = 6;
    private const int Double = 7, Binary = 8, List = 9, Set = 10, Struct = 12;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _depth;

    /// <summary>Bytes that were checked.</summary>
    public int Position { get; private set; }

    /// <summary>Checks a structure.</summary>
    /// <param name="shape">Its name in <see cref="ParquetShapes"/>.</param>
    /// <param name="integers">Receives the integers among its fields, by number; null for nothing.</param>
    /// <exception cref="InvalidDataException">It is none, or leads behind the end.</exception>
    public void Structure(string? shape, Dictionary<int, long>? integers = null)
    {
        if (++_depth > MaxDepth)
            throw Mistake();
        for (int field = 0; ;)
        {
            int header = Next(), type = header & 15;
            if (type == Stop)
                break;
            field = header >> 4 != 0 ? field + (header >> 4) : (int)ZigZag();
            string? expected = shape is null ? null : ParquetShapes.TypeOf(shape, field);
            if (expected is not null && !Fits(expected, type))
                throw Mistake();
            if (type is >= Int16 and <= Int64)
            {
                long value = ZigZag();
                if (integers is not null)
                    integers[field] = value;
            }
            else if (type is not (True or False))
            {
                Value(type, expected);
            }
        }

        _depth--;
    }

    private void Value(int type, string? expected)
    {
        switch (type)
        {
            case True or False or Byte:
                Skip(1);
                break;
            case >= Int16 and <= Int64:
                _ = ZigZag();
                break;
            case Double:
                Skip(sizeof(double));
                break;
            case Binary:
                Skip(VarInt());
                break;
            case List or Set:
                Elements(expected?[1..^1]);
                break;
            case Struct:
                Structure(expected);
                break;
            default:
                throw Mistake();
        }
    }

    private void Elements(string? expected)
    {
        int header = Next(), type = header & 15;
        ulong count = header >> 4 == 15 ? VarInt() : (ulong)(header >> 4);
        if (count > (ulong)(_bytes.Length - Position) || (expected is not null && count > 0 && !Fits(expected, type)))
            throw Mistake();
        if (++_depth > MaxDepth)
            throw Mistake();
        for (; count > 0; count--)
            Value(type, expected);
        _depth--;
    }

    private static bool Fits(string expected, int type) => expected[0] switch
    {
        'i' => type is >= Int16 and <= Int64,
        'y' => type == Byte,
        'b' => type is True or False,
        'd' => type == Double,
        's' => type == Binary,
        '[' => type is List or Set,
        _ => type == Struct,
    };

    private int Next()
    {
        Skip(1);
        return _bytes[Position - 1];
    }

    private void Skip(ulong count)
    {
        if (count > (ulong)(_bytes.Length - Position))
            throw Mistake();
        Position += (int)count;
    }

    private ulong VarInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int part = Next();
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }

        throw Mistake();
    }

    private long ZigZag()
    {
        ulong value = VarInt();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private static InvalidDataException Mistake() => new("Its metadata are damaged.");
}
