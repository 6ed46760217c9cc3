using System.Buffers.Binary;

namespace Lockstep.Shared.Streaming;

/// <summary>Where another process of the machine finds <see cref="SharedMemory"/>.</summary>
/// <param name="Process">Id of the process that owns it.</param>
/// <param name="Descriptor">Its file descriptor in that process.</param>
/// <param name="Nonce">The 16 bytes at its beginning.</param>
public sealed record SharedMemoryPlace(int Process, int Descriptor, byte[] Nonce)
{
    /// <summary>Bytes of <see cref="Nonce"/>.</summary>
    public const int NonceBytes = 16;

    /// <summary>Bytes of the encoded form: process and descriptor as little-endian int32, then the nonce.</summary>
    public const int EncodedBytes = 2 * sizeof(int) + NonceBytes;

    /// <summary>Writes the encoded form.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, Process);
        BinaryPrimitives.WriteInt32LittleEndian(destination[sizeof(int)..], Descriptor);
        Nonce.CopyTo(destination[(2 * sizeof(int))..]);
    }

    /// <summary>Reads the encoded form. Invalid process ids and descriptors are detected when it is opened.</summary>
    public static SharedMemoryPlace Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt32LittleEndian(source), BinaryPrimitives.ReadInt32LittleEndian(source[sizeof(int)..]),
        source[(2 * sizeof(int))..EncodedBytes].ToArray());
}
