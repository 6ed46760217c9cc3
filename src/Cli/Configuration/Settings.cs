using Lockstep.Wording;

namespace Lockstep.Cli.Configuration;

/// <summary>
/// The resolved options of one command. A value is looked for on the command line, then in the environment
/// (<c>LOCKSTEP__BATCH_SIZE</c>), then in the JSON file (<c>batchSize</c>), then in the run that is resumed, then among the defaults.
/// In keys and variables, case, <c>-</c> and <c>_</c> do not count.
/// </summary>
internal sealed class Settings
{
    /// <summary>Every variable that begins so must be an option.</summary>
    public const string VariablePrefix = "LOCKSTEP__";

    private readonly Dictionary<OptionDescriptor, Setting> _settings;

    private Settings(CommandSet command, Dictionary<OptionDescriptor, Setting> settings) => (Command, _settings) = (command, settings);

    /// <summary>The command they are for.</summary>
    public CommandSet Command { get; }

    /// <summary>Resolves all options of a command, and reports every mistake in any source to <paramref name="problems"/>.</summary>
    public static Settings Resolve(CommandSet command, IReadOnlyList<Setting> commandLine, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var given = new List<Setting>(commandLine);
        given.AddRange(EnvironmentSource.Read(environment, problems));
        given.RemoveAll(setting => (setting.Option.Commands & command) == 0);
        Setting? config = given.Where(setting => setting.Option == OptionTable.Config).MaxBy(setting => setting.Source);
        if (config is { Text.Length: > 0 })
            given.AddRange(JsonSource.Read(config.Text, SettingSource.File, problems));

        var settings = new Dictionary<OptionDescriptor, Setting>();
        foreach (OptionDescriptor option in OptionTable.Of(command).Where(option => option.Default is not null))
            settings[option] = new Setting(option, option.Default!, SettingSource.Default);
        foreach (Setting setting in given.OrderBy(setting => setting.Source))
        {
            // One file may serve several commands, so it may hold options of the others.
            if ((setting.Option.Commands & command) == 0)
                continue;
            if (IsLegal(setting, problems))
                settings[setting.Option] = setting;
        }

        var resolved = new Settings(command, settings);
        resolved.ChooseLength(problems);
        return resolved;
    }

    /// <summary>These settings, with what a run has saved instead of the defaults.</summary>
    /// <param name="configFile">The run's <c>config.json</c>.</param>
    /// <param name="problems">Receives what is wrong in the file.</param>
    public Settings OnTopOf(string configFile, Problems problems)
    {
        var settings = new Dictionary<OptionDescriptor, Setting>(_settings);
        foreach (Setting saved in JsonSource.Read(configFile, SettingSource.SavedRun, problems))
        {
            bool isFree = !settings.TryGetValue(saved.Option, out Setting? own) || own.Source == SettingSource.Default;
            if (isFree && (saved.Option.Commands & Command) != 0 && IsLegal(saved, problems))
                settings[saved.Option] = saved;
        }

        var underlaid = new Settings(Command, settings);
        underlaid.ChooseLength(problems);
        return underlaid;
    }

    /// <summary>The value of an option that has one.</summary>
    /// <exception cref="InvalidOperationException">It has neither a value nor a default.</exception>
    public T Get<T>(OptionDescriptor<T> option)
        where T : notnull =>
        _settings.TryGetValue(option, out Setting? setting)
            ? option.Parse(setting.Text)
            : throw new InvalidOperationException($"{option.Name} has no value.");

    /// <summary>The value of an option, or null.</summary>
    public T? Find<T>(OptionDescriptor<T> option)
        where T : class => _settings.TryGetValue(option, out Setting? setting) ? option.Parse(setting.Text) : null;

    /// <summary>The value of an option as text, or null.</summary>
    public string? Text(OptionDescriptor option) => _settings.GetValueOrDefault(option)?.Text;

    /// <summary>Whether the user gave the option, now or (saved) when the run was started.</summary>
    public bool IsGiven(OptionDescriptor option) => _settings.TryGetValue(option, out Setting? setting) && setting.Source != SettingSource.Default;

    /// <summary>What the user gave for this invocation, or null.</summary>
    public Setting? GivenNow(OptionDescriptor option) =>
        _settings.TryGetValue(option, out Setting? setting) && setting.Source > SettingSource.SavedRun ? setting : null;

    /// <summary>What is saved with a run: key and text of every option that is more than a matter of this invocation.</summary>
    public IEnumerable<Setting> ToSave() =>
        OptionTable.Of(Command).Where(option => !option.IsPerInvocation && _settings.ContainsKey(option)).Select(option => _settings[option]);

    private static bool IsLegal(Setting setting, Problems problems)
    {
        try
        {
            _ = setting.Option.ParseText(setting.Text);
            return true;
        }
        catch (FormatException e)
        {
            problems.Add(setting.Option.Mistake(setting.Given, e));
            return false;
        }
    }

    // The length is given in epochs or in steps; whoever has the last word may use either.
    private void ChooseLength(Problems problems)
    {
        if (!_settings.TryGetValue(OptionTable.Steps, out Setting? steps) || !_settings.TryGetValue(OptionTable.Epochs, out Setting? epochs))
            return;
        if (steps.Source == epochs.Source)
            problems.Add($"{steps.Given} and {epochs.Given}: both give the length of the run; give one of them.");
        _ = _settings.Remove(steps.Source > epochs.Source ? OptionTable.Epochs : OptionTable.Steps);
    }
}
