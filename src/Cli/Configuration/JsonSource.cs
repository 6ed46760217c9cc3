using System.Text.Json;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Lockstep.Shared.Files;
using Lockstep.Wording;

namespace Lockstep.Cli.Configuration;

/// <summary>Options from a JSON file: one object, one property an option. The <c>config.json</c> of a run is such a file.</summary>
internal static class JsonSource
{
    // Above what anyone writes, and few enough to be told one by one.
    private const int MostProperties = 1000, LongestText = 10_000;

    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads all options; whatever cannot be read is a problem.</summary>
    public static IReadOnlyList<Setting> Read(string path, SettingSource source, Problems problems)
    {
        var settings = new List<Setting>();
        byte[] bytes = [];
        try
        {
            bytes = BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes);
            using JsonDocument document = JsonDocument.Parse(bytes, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                ReadObject(document.RootElement, path, source, settings, problems);
            else
                problems.Add($"{path} holds {Describe(document.RootElement)}; expected an object such as {{ \"batchSize\": 128 }}.");
        }
        catch (JsonException e)
        {
            problems.Add(EndsTooEarly(bytes)
                ? $"{path} is not JSON: it ends too early (line {LastLine(bytes)})."
                : $"{path} is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {WithoutPosition(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            problems.Add($"{path} holds a text that is not Unicode; save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string reason = Directory.Exists(path) ? "it is a folder" : File.Exists(path) ? e.Message : "there is no such file";
            problems.Add($"{OptionTable.Config.Name} {path} cannot be read: {reason.TrimEnd('.')}.");
        }

        return settings;
    }

    private static void ReadObject(JsonElement root, string path, SettingSource source, List<Setting> settings, Problems problems)
    {
        if (root.GetPropertyCount() > MostProperties)
        {
            problems.Add($"{path} has {root.GetPropertyCount():N0} properties; expected options, of which there are {OptionTable.All.Count}.");
            return;
        }

        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.NameEquals(RunFolder.RunSpecKey))
                continue;
            OptionDescriptor? option = OptionTable.Find(property.Name);
            string? text = property.Value.ValueKind switch
            {
                JsonValueKind.String => property.Value.GetString(),
                JsonValueKind.Number => property.Value.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => null,
            };
            if (option is null)
                problems.Add(Unknown(property.Name, path));
            else if (option == OptionTable.Config)
                problems.Add($"{property.Name} in {path}: a configuration file cannot name another one.");
            else if (option.NamesProgram)
                problems.Add($"{property.Name} in {path}: a configuration file cannot name a program that is run. Say {option.Name} on the command line.");
            else if (text?.Length > LongestText)
                problems.Add($"{property.Name} in {path} has {text.Length:N0} characters; expected {option.Legal}, in at most {LongestText:N0}.");
            else if (text is null)
                problems.Add($"{property.Name} in {path} is {Describe(property.Value)}; expected {option.Legal}, or leave it out.");
            else if (settings.Any(setting => setting.Option == option))
                problems.Add($"{property.Name} in {path} is given twice; keep one of them.");
            else
                settings.Add(new Setting(option, text, source, path));
        }
    }

    private static string Unknown(string key, string path)
    {
        key = ForeignText.Beginning(key);
        string? near = Spelling.Nearest(key, OptionTable.All.Select(option => option.Key));
        return $"{key} in {path} names no option" + (near is null ? "; see 'lockstep train --help' for the options." : $"; did you mean {near}?");
    }

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        _ => ForeignText.Beginning(element.GetRawText()),
    };

    // A reader that may hope for more finds nothing wrong with what is there.
    private static bool EndsTooEarly(ReadOnlySpan<byte> json)
    {
        var options = new JsonReaderOptions { CommentHandling = Options.CommentHandling, AllowTrailingCommas = Options.AllowTrailingCommas };
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
