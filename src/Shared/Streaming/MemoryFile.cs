using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Memory that several processes of one machine and user can map. It has no name and disappears with the last process, however it ends.
/// It begins with one page (4,096 bytes) whose first bytes are a random nonce, which proves that the opened memory is the intended one.
/// Linux only.
/// </summary>
internal sealed partial class MemoryFile
{
    /// <summary>Bytes before the content, and what a mapping is a multiple of.</summary>
    public const int PageBytes = 4096;

    private const string Name = "lockstep";
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int SealSeals = 1;
    private const int SealShrink = 2;
    private const int SealGrow = 4;
    private const int SealWrite = 8;
    private const int SealFutureWrite = 16;
    private const int FixedSize = SealShrink | SealGrow;
    private const int WriteBytes = 1 << 30; // Linux writes somewhat less than 2 GiB at once.
    private readonly SafeFileHandle _file;
    private readonly byte[] _nonce;

    private MemoryFile(SafeFileHandle file, long bytes, byte[] nonce) => (_file, Bytes, _nonce) = (file, bytes, nonce);

    /// <summary>Size, the first page included.</summary>
    public long Bytes { get; }

    /// <summary>What another process needs to open it, as long as this object exists.</summary>
    public SharedMemoryPlace Place => new(Environment.ProcessId, (int)_file.DangerousGetHandle(), _nonce);

    /// <summary>Whether nobody can change content or size any more.</summary>
    public bool IsImmutable => (FileControl(_file, GetSeals, 0) & (FixedSize | SealWrite)) == (FixedSize | SealWrite);

    /// <summary>Creates memory of zeros after the first page; null if the system does not support it or refuses.</summary>
    /// <param name="bytes">Size, the first page included.</param>
    public static MemoryFile? TryCreate(long bytes)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        int descriptor = MemfdCreate(Name, CloseOnExec | AllowSealing);
        if (descriptor < 0)
            return null;
        var made = new MemoryFile(
            new SafeFileHandle(descriptor, ownsHandle: true), bytes, RandomNumberGenerator.GetBytes(SharedMemoryPlace.NonceBytes));
        try
        {
            RandomAccess.SetLength(made._file, bytes);
            made.Write(0, made._nonce);
            return made;
        }
        catch (IOException)
        {
            made._file.Dispose();
            return null;
        }
    }

    /// <summary>
    /// Opens memory of another process; null if it cannot be reached (another machine, container or user) or is not the intended one.
    /// </summary>
    /// <param name="place">The place that the other process has sent.</param>
    /// <param name="bytes">Its size, the first page included.</param>
    /// <param name="isWritable">Whether this process writes to it.</param>
    public static MemoryFile? TryOpen(SharedMemoryPlace place, long bytes, bool isWritable)
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

        Span<byte> nonce = stackalloc byte[SharedMemoryPlace.NonceBytes];
        if (RandomAccess.GetLength(file) == bytes && RandomAccess.Read(file, nonce, 0) == nonce.Length && nonce.SequenceEqual(place.Nonce))
            return new MemoryFile(file, bytes, place.Nonce);
        file.Dispose();
        return null;
    }

    /// <summary>Writes to it without mapping it.</summary>
    /// <exception cref="IOException">The system has no memory left.</exception>
    public void Write(long offset, ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            int count = Math.Min(content.Length, WriteBytes);
            RandomAccess.Write(_file, content[..count], offset);
            content = content[count..];
            offset += count;
        }
    }

    /// <summary>Fixes the size. If another process truncated the memory, the next read would kill this process.</summary>
    /// <param name="othersWrite">Whether processes that map it later may write, if the system can prevent that (Linux 5.1).</param>
    public void FixSize(bool othersWrite)
    {
        if (othersWrite || FileControl(_file, AddSeals, FixedSize | SealFutureWrite | SealSeals) != 0)
            _ = FileControl(_file, AddSeals, FixedSize | SealSeals);
    }

    /// <summary>Fixes size and content for ever. False while it is mapped for writing, or if the system cannot.</summary>
    public bool TryMakeImmutable() => FileControl(_file, AddSeals, FixedSize | SealWrite | SealSeals) == 0;

    /// <summary>
    /// Maps all of it; null if the system refuses. The handle's value is the address. Never dispose of it: the finalizer unmaps it when
    /// nothing refers to it any more.
    /// </summary>
    public SafeHandle? TryMap(bool isWritable) => Mapping.TryMap(this, isWritable);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(SafeFileHandle file, int command, int argument);

    private sealed partial class Mapping : SafeHandle
    {
        private const int Read = 1;
        private const int Write = 2;
        private const int Shared = 1;
        private static readonly nint Failed = -1;
        private readonly MemoryFile _memory; // Others open it as long as it is mapped here.

        private Mapping(MemoryFile memory, nint address)
            : base(Failed, ownsHandle: true)
        {
            SetHandle(address);
            _memory = memory;
            // Otherwise the collector does not know of these pages and would keep unused ones for long.
            GC.AddMemoryPressure(memory.Bytes);
        }

        public override bool IsInvalid => handle == Failed;

        public static Mapping? TryMap(MemoryFile memory, bool isWritable)
        {
            nint address = Map(0, (nuint)memory.Bytes, isWritable ? Read | Write : Read, Shared, memory._file, 0);
            return address == Failed ? null : new Mapping(memory, address);
        }

        protected override bool ReleaseHandle()
        {
            GC.RemoveMemoryPressure(_memory.Bytes);
            return Unmap(handle, (nuint)_memory.Bytes) == 0;
        }

        [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
        private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

        [LibraryImport("libc", EntryPoint = "munmap")]
        private static partial int Unmap(nint address, nuint length);
    }
}
