using Lockstep.Model.Text;

namespace Lockstep.Cli.Options;

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
/// <param name="Texts">The value as it was written: one text, or several for a list.</param>
/// <param name="Source">What gave it.</param>
/// <param name="Origin">The file or the variable that it came from; null for other sources.</param>
internal sealed record Setting(ICliOption Option, IReadOnlyList<string> Texts, SettingSource Source, string? Origin = null)
{
    /// <summary>The value, of the option's type; null for one that is not legal.</summary>
    public object? Value { get; init; }

    /// <summary>The value as one text.</summary>
    public string Text => string.Join(' ', Texts);

    /// <summary>The value as the user wrote it, for messages.</summary>
    public string Given => Source switch
    {
        SettingSource.CommandLine or SettingSource.Default => $"{Option.Name} {string.Join(' ', Texts.Select(ShellWord.Of))}",
        SettingSource.Environment or SettingSource.PlainVariable => $"{Origin}={Text}",
        _ => $"{Option.Key} {ShellWord.Of(Text)} in {Origin}",
    };
}
