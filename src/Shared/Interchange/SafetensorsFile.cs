using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Files of the safetensors format: the header's length (little-endian uint64), the header (a JSON object, padded with spaces so that the
/// values begin at a multiple of 8), and the values of all tensors, without a gap, row-major and little-endian.
/// </summary>
/// <remarks>
/// The header has one entry a tensor, <c>"name": {"dtype": "F32", "shape": [784, 256], "data_offsets": [0, 802816]}</c>, with offsets from
/// the end of the header, and may have <c>"__metadata__"</c>, an object of strings.
/// </remarks>
public static class SafetensorsFile
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".safetensors";

    internal const string MetadataKey = "__metadata__";

    /// <summary>Largest header, as in the format's reference implementation.</summary>
    internal const int MaxHeaderBytes = 100_000_000;

    private const int Alignment = 8;

    /// <summary>Reads all tensors of a file, in the order of their values.</summary>
    /// <exception cref="InterchangeException">
    /// It cannot be read, or violates the format; see <see cref="InterchangeException.Error"/>.
    /// </exception>
    public static IReadOnlyList<NamedTensor> Read(string path) => Read(path, out _);

    /// <summary>The same, with the texts of <c>__metadata__</c>.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static IReadOnlyList<NamedTensor> Read(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        IReadOnlyDictionary<string, string> texts = new Dictionary<string, string>();
        IReadOnlyList<NamedTensor> tensors = InterchangeFile.Read(path, stream => Read(stream, path, out texts));
        metadata = texts;
        return InterchangeFile.RequireFinite(tensors, path);
    }

    /// <summary>Writes tensors as float32, in the order of their names; equal input gives equal bytes.</summary>
    /// <param name="destination">The stream; written from its position.</param>
    /// <param name="tensors">Tensors with distinct names.</param>
    /// <param name="metadata">Content of <c>__metadata__</c>; empty for none.</param>
    public static void Write(Stream destination, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        LittleEndianMachine.Require();
        NamedTensor[] sorted = [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        using var header = new MemoryStream();
        WriteHeader(header, sorted, metadata);
        while (header.Length % Alignment != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        destination.Write(length);
        destination.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach (NamedTensor tensor in sorted)
            destination.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
    }

    internal static IReadOnlyList<NamedTensor> Read(Stream stream, string file) => Read(stream, file, out _);

    private static List<NamedTensor> Read(Stream stream, string file, out IReadOnlyDictionary<string, string> metadata)
    {
        long size = stream.Length;
        if (size == 0)
            throw new InterchangeException(
                InterchangeError.Truncated, file, "is empty; expected a safetensors file. Copy or export it again.");
        if (size < sizeof(ulong))
            throw new InterchangeException(
                InterchangeError.Truncated, file,
                $"has {size} bytes; a safetensors file begins with the length of its header in {sizeof(ulong)}.");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderBytes)
        {
            if (InterchangeFile.PredicateOf(stream) is { } other)
                throw new InterchangeException(InterchangeError.Invalid, file, $"{other}; expected a safetensors file.");
            throw new InterchangeException(InterchangeError.Invalid, file,
                $"says that its header has {headerLength:N0} bytes; expected at most {MaxHeaderBytes:N0}. "
                    + "It is not a safetensors file, or its beginning is damaged.");
        }

        if (headerLength > (ulong)size - sizeof(ulong))
        {
            throw new InterchangeException(InterchangeError.Truncated, file,
                $"is truncated: its header has {headerLength:N0} bytes, but only {size - sizeof(ulong):N0} follow. "
                    + "Copy or export it again.");
        }

        // Checked before allocating the whole header: almost no other file begins like this.
        int first = headerLength == 0 ? -1 : stream.ReadByte();
        if (first != '{')
            throw new InterchangeException(
                InterchangeError.Invalid, file,
                "has a header that does not begin with '{'. It is not a safetensors file, or it is damaged.");
        byte[] header = new byte[headerLength];
        header[0] = (byte)first;
        stream.ReadExactly(header.AsSpan(1));
        (IReadOnlyList<SafetensorsEntry> listed, metadata) = SafetensorsHeader.Parse(header, file);
        SafetensorsEntry[] entries = [.. listed.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        CheckOffsets(entries, size - sizeof(ulong) - (long)headerLength, file);
        var tensors = new List<NamedTensor>(entries.Length);
        foreach (SafetensorsEntry entry in entries)
        {
            if (BatchCounter.Is(entry.Name, entry.Shape.Count))
                stream.Position += entry.End - entry.Begin;
            else
                tensors.Add(ReadTensor(stream, entry, file));
        }

        return tensors;
    }

    private static NamedTensor ReadTensor(Stream stream, SafetensorsEntry entry, string file)
    {
        float[] values = new float[entry.Count];
        try
        {
            ElementReader.Read(stream, entry.Type, values);
        }
        catch (OverflowException e)
        {
            throw new InterchangeException(
                InterchangeError.Unsupported, file, $"holds {ForeignText.Quote(entry.Name)}, in which {e.Message}.", e);
        }

        return new NamedTensor(entry.Name, entry.Shape, values);
    }

    /// <summary>Checks that the tensors fill the rest of the file without gaps.</summary>
    private static void CheckOffsets(SafetensorsEntry[] entries, long available, string file)
    {
        long position = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            string what = $"places {ForeignText.Quote(entry.Name)} at bytes {entry.Begin} to {entry.End}";
            if (entry.Begin != position)
            {
                throw new InterchangeException(InterchangeError.Invalid, file, entry.Begin > position
                    ? $"{what}, which leaves a gap from {position}; expected no gaps."
                    : $"{what}, but the tensor before reaches to {position}; expected no overlaps.");
            }

            long expected = (long)entry.Count * ElementReader.SizeOf(entry.Type);
            if (entry.End - entry.Begin != expected)
                throw new InterchangeException(
                    InterchangeError.Invalid, file, $"{what}; expected {expected} bytes for its shape {ForeignText.Shape(entry.Shape)}.");
            position = entry.End;
        }

        if (position > available)
            throw new InterchangeException(
                InterchangeError.Truncated, file,
                $"is truncated: its tensors take {position:N0} bytes, but {available:N0} are there. Copy or export it again.");
        if (position < available)
            throw new InterchangeException(
                InterchangeError.Invalid, file, $"has {available - position:N0} bytes that belong to no tensor; expected none.");
    }

    private static void WriteHeader(Stream destination, NamedTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var json = new Utf8JsonWriter(destination, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        long offset = 0;
        foreach (NamedTensor tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", "F32");
            json.WriteStartArray("shape");
            foreach (int dimension in tensor.Shape)
                json.WriteNumberValue(dimension);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            offset += (long)tensor.Values.Length * sizeof(float);
            json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
