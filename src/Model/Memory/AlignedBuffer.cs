using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Memory;

/// <summary>
/// A fixed block of float32 aligned to 64 bytes, so that no row of a padded layout straddles two cache lines. It never moves; the garbage
/// collector frees it.
/// </summary>
public sealed class AlignedBuffer
{
    private const int Alignment = 64;
    private readonly float[] _block = [];
    private readonly int _start;
    private readonly SafeHandle? _foreign;
    private readonly nint _offset;

    /// <summary>Allocates a block of zeros.</summary>
    /// <param name="length">Number of floats.</param>
    public unsafe AlignedBuffer(int length)
    {
        _block = GC.AllocateArray<float>(length + Alignment / sizeof(float), pinned: true);
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block));
        _start = (int)((Alignment - address % Alignment) % Alignment / sizeof(float));
        Length = length;
    }

    /// <summary>A part of unmanaged memory. Only the handle's finalizer may release it, because any buffer may still be in use.</summary>
    /// <param name="memory">A handle whose value is the address of the memory.</param>
    /// <param name="offset">Offset of the part in bytes; a multiple of 64.</param>
    /// <param name="length">Number of floats.</param>
    public AlignedBuffer(SafeHandle memory, nint offset, int length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if ((memory.DangerousGetHandle() + offset) % Alignment != 0)
            throw new ArgumentException($"The part does not begin on a boundary of {Alignment} bytes.", nameof(offset));
        (_foreign, _offset, Length) = (memory, offset, length);
    }

    /// <summary>The first floats of a buffer, which is replaced by a larger one of zeros if it is too short.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="length">Number of floats.</param>
    public static Span<float> Grown(ref AlignedBuffer buffer, int length)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (buffer.Length < length)
            buffer = new AlignedBuffer(length);
        return buffer.Span[..length];
    }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>The floats. They stay valid as long as this buffer is referenced.</summary>
    public unsafe Span<float> Span =>
        _foreign is null ? _block.AsSpan(_start, Length) : new Span<float>((byte*)_foreign.DangerousGetHandle() + _offset, Length);

    /// <summary>The same memory as bytes, as it crosses the wire.</summary>
    public Span<byte> Bytes => MemoryMarshal.AsBytes(Span);
}
