using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lockstep.Shared.Files;

namespace Lockstep.Runs;

/// <summary>Writes small JSON files, whole or not at all.</summary>
public static class JsonFile
{
    /// <summary>For people: indented, and nothing escaped that need not be.</summary>
    public static JsonWriterOptions Indented { get; } = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static JsonWriterOptions Compact { get; } = Indented with { Indented = false };

    /// <summary>Writes a file; a reader never sees half of it.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="write">Writes one JSON value.</param>
    /// <param name="disk">The disk; null is this machine's.</param>
    /// <exception cref="IOException">The file cannot be written; an existing one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void Write(string path, Action<Utf8JsonWriter> write, Disk? disk = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        (disk ?? Disk.OfThisMachine).WriteWhole(path, file =>
        {
            using (var writer = new Utf8JsonWriter(file, Indented))
                write(writer);
            file.WriteByte((byte)'\n');
        });
    }

    /// <summary>A record as a line of a file, without the line end.</summary>
    internal static byte[] Line<T>(T value, JsonTypeInfo<T> type)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(line, Compact))
            JsonSerializer.Serialize(writer, value, type);
        return line.WrittenSpan.ToArray();
    }
}
