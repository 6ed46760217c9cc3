
namespace Lockstep.Cli.Configuration;

/// <summary>Where a value came from; a later one wins.</summary>
internal enum SettingSource
{
    Default,
    SavedRun,
    File,
    PlainVariable,
    Environment,
    CommandLine,
}

/// <summary>The value of an option and where it came from.</summary>
/// <param name="Option">The option.</param>
/// <param name="Text">The value as it was written.</param>
/// <param name="Source">Who gave it.</param>
/// <param name="Origin">The file or the variable that it came from; null for other sources.</param>
internal sealed record Setting(OptionDescriptor Option, string Text, SettingSource Source, string? Origin = null)
{
    /// <summary>The value as the user wrote it, for messages.</summary>
    public string Given => Source switch
    {
        SettingSource.CommandLine or SettingSource.Default => $"{Option.Name} {string.Join(' ', Text.Split(ValueKind.ItemSeparator).Select(Quote))}",
        SettingSource.Environment or SettingSource.PlainVariable => $"{Origin}={Text}",
        _ => $"{Option.Key} {Quote(Text)} in {Origin}",
    };

    private static string Quote(string text) => text.Length == 0 || text.Any(char.IsWhiteSpace) ? $"'{text}'" : text;
}
