using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lockstep.Runs;

namespace Lockstep.Cli.Terminal;

/// <summary>Results as JSON on standard output.</summary>
internal static class JsonOutput
{
    /// <summary>Writes a record as one JSON value and a line end.</summary>
    public static void Write<T>(TextWriter writer, T value, JsonTypeInfo<T> type) =>
        Write(writer, json => JsonSerializer.Serialize(json, value, type));

    /// <summary>Writes one JSON value and a line end.</summary>
    public static void Write(TextWriter writer, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonFile.Indented))
            write(json);
        writer.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
