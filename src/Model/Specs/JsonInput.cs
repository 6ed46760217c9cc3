using System.Text;
using System.Text.Json;

namespace Lockstep.Model.Specs;

/// <summary>
/// A JSON document that a person wrote, such as a model file. Takes what editors and people put into one: a byte order mark, comments and
/// trailing commas. Tells every mistake in a sentence of its own and goes on, so that all are told at once.
/// </summary>
/// <example>
/// <code>
/// var problems = new List&lt;string&gt;();
/// using (var file = JsonInput.Parse(bytes, "plan.json", problems.Add))
/// {
///     if (file is not null &amp;&amp; file.Root.IsObject(["workers"]))
///         workers = file.Root.WholeNumber("workers", range) ?? 3; // "plan.json: workers is 0; expected a whole number from 1 to 64."
/// }
/// </code>
/// </example>
public sealed class JsonInput : IDisposable
{
    internal const string Unnamed = "the file";

    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly JsonDocument _document;

    private JsonInput(JsonDocument document, string? name, Action<string> report) =>
        (_document, Root) = (document, new JsonPart(document.RootElement, name, report));

    /// <summary>The whole value. Its parts are valid until <see cref="Dispose"/>.</summary>
    public JsonPart Root { get; }

    /// <summary>Parses a document. Texts in it are known to be Unicode afterwards.</summary>
    /// <param name="json">UTF-8, with or without a byte order mark; also UTF-16 with one.</param>
    /// <param name="name">Begins every message, such as the file's name; null where the caller adds it.</param>
    /// <param name="report">Receives a sentence for each mistake, now and when parts are read.</param>
    /// <returns>The document; null if the text is not JSON, which is reported.</returns>
    public static JsonInput? Parse(ReadOnlyMemory<byte> json, string? name, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(report);
        json = WithoutByteOrderMark(json);
        try
        {
            var document = JsonDocument.Parse(json, Options);
            if (IsUnicode(document.RootElement))
                return new JsonInput(document, name, report);
            document.Dispose();
            report($"{name ?? Unnamed} holds a text that is not Unicode; save it as UTF-8.");
        }
        catch (JsonException e)
        {
            report($"{name ?? Unnamed} is not JSON" + (EndsTooEarly(json.Span)
                ? $": it ends too early (line {LastLine(json.Span)})."
                : $" at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {WithoutPosition(e.Message)}"));
        }

        return null;
    }

    /// <summary>Parses a document that is a string already.</summary>
    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte}, string?, Action{string})"/>
    public static JsonInput? Parse(string json, string? name, Action<string> report) => Parse(Encoding.UTF8.GetBytes(json), name, report);

    /// <summary>
    /// Whether all names and texts are Unicode: an escape may name half a character, and bytes may be those of another encoding. Reading
    /// such a text throws.
    /// </summary>
    public static bool IsUnicode(JsonElement element)
    {
        try
        {
            Visit(element);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        static void Visit(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    _ = element.GetString();
                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement item in element.EnumerateArray())
                        Visit(item);
                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty property in element.EnumerateObject())
                    {
                        _ = property.Name;
                        Visit(property.Value);
                    }

                    break;
            }
        }
    }

    /// <summary>Returns the memory of the document.</summary>
    public void Dispose() => _document.Dispose();

    /// <summary>A text as UTF-8 without a byte order mark.</summary>
    /// <param name="json">UTF-8, with or without a byte order mark; also UTF-16 with one.</param>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> json) => json.Span switch
    {
        [0xEF, 0xBB, 0xBF, ..] => json[3..],
        [0xFF, 0xFE, ..] => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(json.Span[2..])),
        [0xFE, 0xFF, ..] => Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(json.Span[2..])),
        _ => json,
    };

    // A reader that may hope for more finds nothing wrong with what is there.
    private static bool EndsTooEarly(ReadOnlySpan<byte> json)
    {
        var options = new JsonReaderOptions
        {
            CommentHandling = Options.CommentHandling,
            AllowTrailingCommas = Options.AllowTrailingCommas,
        };
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(options));
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int LastLine(ReadOnlySpan<byte> text) => text.TrimEnd(" \t\r\n"u8).Count((byte)'\n') + 1;

    // The parser repeats the position, counted from zero, at the end of its message.
    private static string WithoutPosition(string message)
    {
        int position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }
}
