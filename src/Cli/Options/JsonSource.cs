using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Lockstep.Shared.Files;
using Lockstep.Wording;

namespace Lockstep.Cli.Options;

/// <summary>Options from a JSON file: one object, one property an option. The <c>config.json</c> of a run is such a file.</summary>
internal static class JsonSource
{
    // Above what anyone writes, and few enough to be told one by one.
    private const int MostProperties = 1000, LongestText = 10_000;

    /// <summary>Reads all options; whatever cannot be read is a problem.</summary>
    public static IReadOnlyList<Setting> Read(OptionSet options, string path, SettingSource source, Problems problems)
    {
        byte[] json;
        try
        {
            json = BoundedFile.ReadAllBytes(path, BoundedFile.MaxTextBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"{RunFolderOptions.Config.Name} {path} cannot be read: {BoundedFile.ReasonOf(path, e)}.");
            return [];
        }

        var settings = new List<Setting>();
        using var file = JsonInput.Parse(json, path, problems.Add);
        if (file is null || !file.Root.IsObject("{ \"batchSize\": 128 }"))
            return settings;
        if (file.Root.Properties.Count() is var count and > MostProperties)
        {
            problems.Add($"{path} has {count:N0} properties; expected options, of which there are {options.Settable.Count}.");
            return settings;
        }

        foreach (JsonPart property in file.Root.Properties.Where(property => property.Key != RunFolder.RunSpecKey))
        {
            if (options.Find(property.Key) is not { } option)
                problems.Add(Unknown(options, property.Key, path));
            else if (ProblemOf(property, option) is { } problem)
                problems.Add($"{property.Key} in {path}{problem}");
            else if (settings.Any(setting => setting.Option == option))
                problems.Add($"{property.Key} in {path} is given twice; keep one of them.");
            else
                settings.Add(new Setting(option, [property.Scalar!], source, path));
        }

        return settings;
    }

    private static string? ProblemOf(JsonPart property, ICliOption option)
    {
        if (option == RunFolderOptions.Config)
            return ": a configuration file cannot name another one.";
        if (option.NamesProgram)
            return $": a configuration file cannot name a program that is run. Say {option.Name} on the command line.";
        if (property.Scalar is not { } text)
            return $" is {property.Words}; expected {option.Legal}, or leave it out.";
        return text.Length > LongestText
            ? $" has {text.Length:N0} characters; expected {option.Legal}, in at most {LongestText:N0}."
            : null;
    }

    private static string Unknown(OptionSet options, string key, string path)
    {
        key = ForeignText.Beginning(key);
        return $"{key} in {path} names no option"
            + (options.Nearest(key) is { } near ? $"; did you mean {near.Key}?" : "; see 'lockstep help train' for the options.");
    }
}
