using System.Runtime.CompilerServices;

namespace Lockstep.Model.Kernels;

/// <summary>
/// Memory for tensors that starts on a cache line, so that no aligned row of 16 floats straddles two. The kernels accept any memory;
/// on this kind they are fastest.
/// </summary>
public static class AlignedMemory
{
    private const int CacheLine = 64;

    /// <summary>Zeroed memory for <paramref name="length"/> floats. It is garbage-collected, but never moves.</summary>
    public static Memory<float> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        float[] array = GC.AllocateArray<float>(checked(length + CacheLine / sizeof(float)), pinned: true);
        nint address;
        unsafe
        {
            address = (nint)Unsafe.AsPointer(ref array[0]);
        }

        int skip = (int)(-address & (CacheLine - 1)) / sizeof(float);
        return array.AsMemory(skip, length);
    }
}
