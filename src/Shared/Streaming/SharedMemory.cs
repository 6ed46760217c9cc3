using System.Runtime.InteropServices;
using Lockstep.Model.Memory;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Memory slots that two processes of one machine and user share, so that tensors need not be copied through the kernel. One process
/// creates the memory and sends its <see cref="Place"/> over the tensor stream. Linux only: elsewhere nothing is created, and tensors use
/// the stream. The slots follow the first page, each rounded up to whole pages.
/// </summary>
public sealed class SharedMemory
{
    private readonly MemoryFile _file;
    private readonly SafeHandle _mapping;
    private readonly int _slotFloats;

    private SharedMemory(MemoryFile file, SafeHandle mapping, int slots, int slotFloats) =>
        (_file, _mapping, Slots, _slotFloats) = (file, mapping, slots, slotFloats);

    /// <summary>Number of slots.</summary>
    public int Slots { get; }

    /// <summary>What another process needs to open it.</summary>
    public SharedMemoryPlace Place => _file.Place;

    /// <summary>The floats of a slot, as many as requested. Initially zeros.</summary>
    public AlignedBuffer this[int slot]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(slot);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Slots);
            return new AlignedBuffer(_mapping, (nint)(MemoryFile.PageBytes + slot * SlotBytes(_slotFloats)), _slotFloats);
        }
    }

    /// <summary>Creates memory that other processes can open; null if the system does not support it or refuses.</summary>
    /// <param name="slots">Number of slots, at least 1.</param>
    /// <param name="slotFloats">Floats of a slot, at least 1.</param>
    /// <param name="othersWrite">Whether processes that open it may write, if the system can prevent that (Linux 5.1).</param>
    public static SharedMemory? TryCreate(int slots, int slotFloats, bool othersWrite)
    {
        if (MemoryFile.TryCreate(TotalBytes(slots, slotFloats)) is not { } file || file.TryMap(isWritable: true) is not { } mapping)
            return null;
        file.FixSize(othersWrite);
        return new SharedMemory(file, mapping, slots, slotFloats);
    }

    /// <summary>
    /// Opens memory of another process; null if it cannot be reached (another machine, container or user) or is not the intended one.
    /// </summary>
    /// <param name="place">The place that the other process has sent.</param>
    /// <param name="slots">Required number of slots.</param>
    /// <param name="slotFloats">Floats of a slot.</param>
    /// <param name="isWritable">Whether this process writes to it.</param>
    public static SharedMemory? TryOpen(SharedMemoryPlace place, int slots, int slotFloats, bool isWritable) =>
        MemoryFile.TryOpen(place, TotalBytes(slots, slotFloats), isWritable) is { } file && file.TryMap(isWritable) is { } mapping
            ? new SharedMemory(file, mapping, slots, slotFloats)
            : null;

    private static long SlotBytes(int floats) =>
        ((long)floats * sizeof(float) + MemoryFile.PageBytes - 1) / MemoryFile.PageBytes * MemoryFile.PageBytes;

    private static long TotalBytes(int slots, int floats) => MemoryFile.PageBytes + slots * SlotBytes(floats);
}
