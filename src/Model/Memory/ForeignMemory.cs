using System.Buffers;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Memory;

/// <summary>
/// A part of unmanaged memory. Only the handle's finalizer may release it, because any <see cref="Memory{T}"/> may still be in use.
/// </summary>
/// <typeparam name="T">Type of an element.</typeparam>
/// <param name="memory">A handle whose value is the address of the memory.</param>
/// <param name="offset">Offset of the part in bytes.</param>
/// <param name="length">Elements of the part.</param>
internal sealed unsafe class ForeignMemory<T>(SafeHandle memory, nint offset, int length) : MemoryManager<T>
    where T : unmanaged
{
    public override Span<T> GetSpan() => new(Address(0), length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(Address(elementIndex), pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private T* Address(int element) => (T*)((byte*)memory.DangerousGetHandle() + offset) + element;
}
