using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Lockstep.Model.Text;
using MessagePack;

namespace Lockstep.Shared.Checkpoints;

/// <summary>
/// What surrounds the document of a checkpoint file: its first bytes with format, version and size, and the SHA-256 at its end. Both are
/// checked before anything is parsed.
/// </summary>
internal static class CheckpointEnvelope
{
    /// <summary>Entries of the document's map.</summary>
    public const int Entries = 11;

    /// <summary>Value of the map's first entry.</summary>
    public const string Format = "lockstep-checkpoint";

    private static readonly byte[] Magic = EncodeMagic();

    /// <summary>Where the size of the file stands: after version, key and type byte.</summary>
    private static readonly int LengthOffset = Magic.Length + 1 + 1 + "length".Length + 1;

    /// <summary>The bytes up to the version: the map's header, "format", its value, "version".</summary>
    public static ReadOnlySpan<byte> Beginning => Magic;

    /// <summary>Completes a file: its size in the header, and the digest of all bytes before it at the end.</summary>
    /// <param name="document">The document, with room for the size.</param>
    public static byte[] Seal(ReadOnlySpan<byte> document)
    {
        byte[] bytes = new byte[document.Length + SHA256.HashSizeInBytes];
        document.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(LengthOffset), (ulong)bytes.Length);
        SHA256.HashData(bytes.AsSpan(0, document.Length), bytes.AsSpan(document.Length));
        return bytes;
    }

    /// <summary>Checks without parsing that a file is a checkpoint, of a version that is read, complete and unchanged.</summary>
    /// <returns>The document.</returns>
    /// <exception cref="CheckpointException">It is not.</exception>
    public static ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> file, string name)
    {
        Check(file.Span, name);
        return file[..^SHA256.HashSizeInBytes];
    }

    /// <summary>Reads the whole file if its beginning is that of a checkpoint of its size; otherwise only the beginning.</summary>
    public static byte[] ReadAll(Stream stream, string file)
    {
        if (!stream.CanSeek)
            throw new CheckpointException(CheckpointError.Io, file, "cannot be read: it is a pipe or a device. Copy it to a file first.");
        long size = stream.Length;
        byte[] beginning = new byte[Math.Min(size, ForeignContent.HeadBytes)];
        stream.ReadExactly(beginning);
        CheckBeginning(beginning, size, file);
        if (size > Array.MaxLength)
            throw new CheckpointException(
                CheckpointError.Invalid, file, $"has {size:N0} bytes; checkpoints have at most {Array.MaxLength:N0}.");
        byte[] bytes = new byte[size];
        beginning.CopyTo(bytes, 0);
        stream.ReadExactly(bytes.AsSpan(beginning.Length));
        return bytes;
    }

    /// <summary>Checks from the first bytes that it is a checkpoint, of this version, and not truncated.</summary>
    /// <returns>The size of the file according to its header.</returns>
    private static ulong CheckBeginning(ReadOnlySpan<byte> bytes, long size, string file)
    {
        int begins = Math.Min(bytes.Length, Magic.Length);
        if (!bytes[..begins].SequenceEqual(Magic.AsSpan(0, begins)))
            throw new CheckpointException(CheckpointError.Invalid, file, $"is not a checkpoint{OtherKind(bytes, file)}");
        if (bytes.Length < LengthOffset + sizeof(ulong))
            throw new CheckpointException(CheckpointError.Truncated, file, $"is truncated: it ends after {size:N0} bytes.");
        if (bytes[Magic.Length] is < 1 or > CheckpointCodec.Version)
            throw new CheckpointException(CheckpointError.UnknownVersion, file,
                $"has format {bytes[Magic.Length]}; this build reads 1 to {CheckpointCodec.Version}. Use the version of Lockstep that "
                    + "wrote it.");
        ulong length = BinaryPrimitives.ReadUInt64BigEndian(bytes[LengthOffset..]);
        if ((ulong)size < length)
            throw new CheckpointException(CheckpointError.Truncated, file, $"is truncated: it has {size:N0} of {length:N0} bytes.");
        return length;
    }

    private static void Check(ReadOnlySpan<byte> bytes, string file)
    {
        ulong length = CheckBeginning(bytes, bytes.Length, file);
        if (bytes.Length < LengthOffset + sizeof(ulong) + SHA256.HashSizeInBytes)
            throw new CheckpointException(CheckpointError.Damaged, file, "is damaged: its length is wrong.");
        ReadOnlySpan<byte> content = bytes[..^SHA256.HashSizeInBytes], stored = bytes[^SHA256.HashSizeInBytes..];
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, actual);
        if ((ulong)bytes.Length > length || !actual.SequenceEqual(stored))
            throw new CheckpointException(CheckpointError.Damaged, file,
                $"is damaged: the SHA-256 of its content is {Convert.ToHexStringLower(actual)}, expected "
                    + $"{Convert.ToHexStringLower(stored)}.");
    }

    private static string OtherKind(ReadOnlySpan<byte> bytes, string file)
    {
        if (ForeignContent.Recognise(bytes) is not { } other)
            return ", or its beginning is damaged.";
        string advice = other.IsImported
            ? $" Make one of it: lockstep import {ShellWord.OfPath(file)} "
                + $"--out {ShellWord.OfPath(Path.GetFileNameWithoutExtension(file) + ".ckpt")}"
            : other.AsWeights is { } asWeights ? $" {asWeights}"
            : other.IsPicture ? $" To show it to a model: lockstep predict RUN --image {ShellWord.OfPath(file)}"
            : "";
        return $", but {other.Kind}.{advice}";
    }

    private static byte[] EncodeMagic()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(Entries);
        writer.Write("format");
        writer.Write(Format);
        writer.Write("version");
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
