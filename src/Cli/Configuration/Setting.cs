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
/// <param name="File">The file, for a value from one.</param>
internal sealed record Setting(OptionDescriptor Option, string Text, SettingSource Source, string? File = null)
{
    /// <summary>The value as the user wrote it, for messages.</summary>
    public string Given => Source switch
    {
        SettingSource.CommandLine or SettingSource.Default => $"{Option.Name} {Quote(Text)}",
        SettingSource.Environment => $"{Option.Variable}={Text}",
        SettingSource.PlainVariable => $"{Option.PlainVariable}={Text}",
        _ => $"{Option.Key} {Quote(Text)} in {File}",
    };

    private static string Quote(string text) => text.Length == 0 || text.Any(char.IsWhiteSpace) ? $"'{text}'" : text;
}
