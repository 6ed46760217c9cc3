using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Data;

/// <summary>One array of the index of a set of examples, received piece by piece.</summary>
public abstract class IncomingArray
{
    /// <summary>Maximum piece in bytes: a multiple of every element's size.</summary>
    public const int PieceBytes = 1 << 20;

    /// <summary>Size of the whole array in bytes.</summary>
    public abstract long TotalBytes { get; }

    /// <summary>Whether all of it has arrived.</summary>
    public abstract bool IsFull { get; }

    /// <summary>The destination of the next piece: at most the rest of the array and <see cref="PieceBytes"/>.</summary>
    public abstract Span<byte> Room();

    /// <summary>Confirms that the destination was filled.</summary>
    /// <param name="bytes">Its length.</param>
    public abstract void Advance(int bytes);

    /// <summary>The whole array lies in unmanaged memory.</summary>
    /// <param name="memory">A handle whose value is the address of the memory.</param>
    /// <param name="offset">Offset of the array in bytes.</param>
    internal abstract void TakeOver(SafeHandle memory, nint offset);
}

/// <summary>
/// An array being received. It starts with room for one piece and doubles when full: memory follows what arrived, not what was announced.
/// </summary>
/// <typeparam name="T">Type of an element.</typeparam>
/// <param name="length">Elements, at least 0.</param>
internal sealed class IncomingArray<T>(long length) : IncomingArray
    where T : unmanaged
{
    private T[] _values = [];
    private int _received;
    private ReadOnlyMemory<T>? _foreign;

    public override long TotalBytes => length * Unsafe.SizeOf<T>();

    public override bool IsFull => _foreign is not null || _received == length;

    /// <summary>The array, once it is full.</summary>
    public ReadOnlyMemory<T> Values => _foreign ?? _values;

    public override Span<byte> Room()
    {
        if (_received == _values.Length)
            Array.Resize(ref _values, (int)Math.Min(length, Math.Max(PieceBytes / Unsafe.SizeOf<T>(), 2L * _received)));
        Span<byte> room = MemoryMarshal.AsBytes(_values.AsSpan(_received));
        return room[..Math.Min(room.Length, PieceBytes)];
    }

    public override void Advance(int bytes) => _received += bytes / Unsafe.SizeOf<T>();

    internal override void TakeOver(SafeHandle memory, nint offset) =>
        _foreign = new ForeignMemory<T>(memory, offset, (int)length).Memory;
}
