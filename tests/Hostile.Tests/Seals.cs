using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Lockstep.Shared.Streaming;

namespace Lockstep.Hostile.Tests;

/// <summary>
/// Puts right the lengths and digests of mutated bytes, as a deliberate attacker would, so that what lies behind them is reached.
/// </summary>
internal static class Seals
{
    private const int PngSignatureBytes = 8, PngChunkBytes = 12;

    /// <summary>A checkpoint with the length and the SHA-256 of its content.</summary>
    public static byte[] Checkpoint(byte[] bytes)
    {
        byte[] sealedBytes = [.. bytes];
        int key = sealedBytes.AsSpan().IndexOf("length"u8), length = key + "length".Length + 1;
        if (key < 0 || sealedBytes.Length < length + sizeof(ulong) + SHA256.HashSizeInBytes)
            return sealedBytes;
        BinaryPrimitives.WriteUInt64BigEndian(sealedBytes.AsSpan(length), (ulong)sealedBytes.Length);
        SHA256.HashData(sealedBytes.AsSpan(..^SHA256.HashSizeInBytes), sealedBytes.AsSpan(^SHA256.HashSizeInBytes..));
        return sealedBytes;
    }

    /// <summary>Frames of the tensor stream, each with its hash, as far as they are whole.</summary>
    public static byte[] Frames(byte[] bytes)
    {
        byte[] sealedBytes = [.. bytes];
        for (Span<byte> rest = sealedBytes; rest.Length >= FrameHeader.Size;)
        {
            int payload = BinaryPrimitives.ReadInt32LittleEndian(rest[32..]);
            if (payload < 0 || payload > rest.Length - FrameHeader.Size)
                break;
            var hash = new XxHash3();
            hash.Append(rest[..FrameHeader.HashedSize]);
            hash.Append(rest.Slice(FrameHeader.Size, payload));
            BinaryPrimitives.WriteUInt64LittleEndian(rest[FrameHeader.HashedSize..], hash.GetCurrentHashAsUInt64());
            rest = rest[(FrameHeader.Size + payload)..];
        }

        return sealedBytes;
    }

    /// <summary>A PNG file with the CRC of every whole chunk.</summary>
    public static byte[] Png(byte[] bytes)
    {
        byte[] sealedBytes = [.. bytes];
        for (int at = PngSignatureBytes; at <= sealedBytes.Length - PngChunkBytes;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(sealedBytes.AsSpan(at));
            if (length < 0 || length > sealedBytes.Length - at - PngChunkBytes)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(
                sealedBytes.AsSpan(at + 8 + length), Crc32.HashToUInt32(sealedBytes.AsSpan(at + 4, 4 + length)));
            at += PngChunkBytes + length;
        }

        return sealedBytes;
    }
}
