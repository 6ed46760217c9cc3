using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Memory;
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Memory slots that two processes of one machine and user share, so that tensors need not be copied through the kernel. One process
/// creates the memory and sends its <see cref="Place"/> over the tensor stream. The memory has no name and disappears with the last
/// process, however it ends. Linux only: elsewhere nothing is created, and tensors use the stream.
/// </summary>
/// <remarks>
/// One page (4,096 bytes) that begins with a random nonce, which proves that the opened memory is the intended one; then the slots, each
/// rounded up to whole pages.
/// </remarks>
public sealed partial class SharedMemory
{
    private const int PageBytes = 4096;
    private const string Name = "lockstep";
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealSeals = 1;
    private const int SealShrink = 2;
    private const int SealGrow = 4;
    private const int SealFutureWrite = 16;
    private readonly SafeFileHandle _file;
    private readonly Mapping _mapping;
    private readonly byte[] _nonce;
    private readonly int _slotFloats;

    private SharedMemory(SafeFileHandle file, Mapping mapping, byte[] nonce, int slots, int slotFloats) =>
        (_file, _mapping, _nonce, Slots, _slotFloats) = (file, mapping, nonce, slots, slotFloats);

    /// <summary>Number of slots.</summary>
    public int Slots { get; }

    /// <summary>What another process needs to open it.</summary>
    public SharedMemoryPlace Place => new(Environment.ProcessId, (int)_file.DangerousGetHandle(), _nonce);

    /// <summary>The floats of a slot, as many as requested. Initially zeros.</summary>
    public AlignedBuffer this[int slot]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(slot);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Slots);
            return new AlignedBuffer(_mapping, (nint)(PageBytes + slot * SlotBytes(_slotFloats)), _slotFloats);
        }
    }

    /// <summary>Creates memory that other processes can open; null if the system does not support it or refuses.</summary>
    /// <param name="slots">Number of slots, at least 1.</param>
    /// <param name="slotFloats">Floats of a slot, at least 1.</param>
    /// <param name="othersWrite">Whether processes that open it may write, if the system can prevent that (Linux 5.1).</param>
    public static SharedMemory? TryCreate(int slots, int slotFloats, bool othersWrite)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        int descriptor = MemfdCreate(Name, CloseOnExec | AllowSealing);
        if (descriptor < 0)
            return null;
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        long bytes = TotalBytes(slots, slotFloats);
        try
        {
            RandomAccess.SetLength(file, bytes);
        }
        catch (IOException)
        {
            file.Dispose();
            return null;
        }

        byte[] nonce = RandomNumberGenerator.GetBytes(SharedMemoryPlace.NonceBytes);
        if (Mapping.TryMap(file, bytes, isWritable: true) is not { } mapping)
        {
            file.Dispose();
            return null;
        }

        // If another process truncated the memory, the next read would kill this process.
        const int fixedSize = SealShrink | SealGrow;
        if (othersWrite || FileControl(file, AddSeals, fixedSize | SealFutureWrite | SealSeals) != 0)
            _ = FileControl(file, AddSeals, fixedSize | SealSeals);
        nonce.CopyTo(mapping.FirstBytes(SharedMemoryPlace.NonceBytes));
        return new SharedMemory(file, mapping, nonce, slots, slotFloats);
    }

    /// <summary>
    /// Opens memory of another process; null if it cannot be reached (another machine, container or user) or is not the intended one.
    /// </summary>
    /// <param name="place">The place that the other process has sent.</param>
    /// <param name="slots">Required number of slots.</param>
    /// <param name="slotFloats">Floats of a slot.</param>
    /// <param name="isWritable">Whether this process writes to it.</param>
    public static SharedMemory? TryOpen(SharedMemoryPlace place, int slots, int slotFloats, bool isWritable)
    {
        ArgumentNullException.ThrowIfNull(place);
        if (!OperatingSystem.IsLinux())
            return null;
        string path = $"/proc/{place.Process}/fd/{place.Descriptor}";
        SafeFileHandle file;
        try
        {
            // Opening something else, such as a pipe, could have side effects.
            if (new FileInfo(path).LinkTarget != $"/memfd:{Name} (deleted)")
                return null;
            file = File.OpenHandle(path, FileMode.Open, isWritable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        long bytes = TotalBytes(slots, slotFloats);
        if (RandomAccess.GetLength(file) == bytes && Mapping.TryMap(file, bytes, isWritable) is { } mapping
            && mapping.FirstBytes(SharedMemoryPlace.NonceBytes).SequenceEqual(place.Nonce))
        {
            return new SharedMemory(file, mapping, place.Nonce, slots, slotFloats);
        }

        file.Dispose();
        return null;
    }

    private static long SlotBytes(int floats) => ((long)floats * sizeof(float) + PageBytes - 1) / PageBytes * PageBytes;

    private static long TotalBytes(int slots, int floats) => PageBytes + slots * SlotBytes(floats);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(SafeFileHandle file, int command, int argument);

    /// <summary>Mapped pages. They are never unmapped explicitly; the finalizer unmaps them when no buffer refers to them.</summary>
    private sealed partial class Mapping : SafeHandle
    {
        private const int Read = 1;
        private const int Write = 2;
        private const int Shared = 1;
        private static readonly nint Failed = -1;
        private readonly long _bytes;

        private Mapping(nint address, long bytes)
            : base(Failed, ownsHandle: true)
        {
            SetHandle(address);
            _bytes = bytes;
            // Otherwise the collector does not know of these pages and would keep unused ones for long.
            GC.AddMemoryPressure(bytes);
        }

        public override bool IsInvalid => handle == Failed;

        public static Mapping? TryMap(SafeFileHandle file, long bytes, bool isWritable)
        {
            nint address = Map(0, (nuint)bytes, isWritable ? Read | Write : Read, Shared, file, 0);
            return address == Failed ? null : new Mapping(address, bytes);
        }

        public unsafe Span<byte> FirstBytes(int count) => new((void*)handle, count);

        protected override bool ReleaseHandle()
        {
            GC.RemoveMemoryPressure(_bytes);
            return Unmap(handle, (nuint)_bytes) == 0;
        }

        [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
        private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

        [LibraryImport("libc", EntryPoint = "munmap")]
        private static partial int Unmap(nint address, nuint length);
    }
}
