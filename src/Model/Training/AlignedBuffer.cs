using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Training;

/// <summary>
/// A fixed block of float32 that begins on a 64-byte boundary, so that no row of a padded layout straddles two cache lines.
/// It never moves in memory; the garbage collector frees it.
/// </summary>
public sealed class AlignedBuffer
{
    private const int Alignment = 64;
    private readonly float[] _block;
    private readonly int _start;

    /// <summary>A block of zeros.</summary>
    /// <param name="length">Number of floats.</param>
    public unsafe AlignedBuffer(int length)
    {
        _block = GC.AllocateArray<float>(length + Alignment / sizeof(float), pinned: true);
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block));
        _start = (int)((Alignment - address % Alignment) % Alignment / sizeof(float));
        Length = length;
    }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>The floats.</summary>
    public Span<float> Span => _block.AsSpan(_start, Length);

    /// <summary>The same memory as bytes, as it crosses the wire.</summary>
    public Span<byte> Bytes => MemoryMarshal.AsBytes(Span);
}
