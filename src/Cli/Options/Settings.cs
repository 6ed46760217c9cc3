using Lockstep.Wording;

namespace Lockstep.Cli.Options;

/// <summary>
/// The resolved options of one command. A value comes from the command line, else from the environment (<c>LOCKSTEP__BATCH_SIZE</c>),
/// the JSON file (<c>batchSize</c>), the run that is resumed, or the defaults. In keys and variables, case, <c>-</c> and <c>_</c> do not
/// count.
/// </summary>
internal sealed class Settings
{
    /// <summary>Every variable that begins so must be an option.</summary>
    public const string VariablePrefix = "LOCKSTEP__";

    private readonly OptionSet _options;
    private readonly Dictionary<ICliOption, Setting> _settings;

    private Settings(OptionSet options, Dictionary<ICliOption, Setting> settings)
    {
        _options = options;
        _settings = settings;
    }

    /// <summary>Resolves all options of a command, and reports every mistake in any source to <paramref name="problems"/>.</summary>
    /// <param name="options">Those of the command, among those of all.</param>
    /// <param name="commandLine">What stands on the command line, read already.</param>
    /// <param name="environment">All variables.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static Settings Resolve(
        OptionSet options, IEnumerable<Setting> commandLine, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var given = new List<Setting>(EnvironmentSource.Read(options, environment, problems));
        given.AddRange(commandLine);
        Setting? config = given.Where(setting => setting.Option == RunFolderOptions.Config).MaxBy(setting => setting.Source);
        if (config is { Text.Length: > 0 } && options.Has(RunFolderOptions.Config))
            given.AddRange(JsonSource.Read(options, config.Text, SettingSource.File, problems));

        var settings = new Dictionary<ICliOption, Setting>();
        foreach (ICliOption option in options.OfCommand.Where(option => option.Default is not null))
            settings[option] = Read(new Setting(option, [option.Default!], SettingSource.Default), problems)!;
        foreach (Setting setting in given.Where(setting => options.Has(setting.Option)).OrderBy(setting => setting.Source))
        {
            if (Read(setting, problems) is { } legal)
                settings[setting.Option] = legal;
        }

        var resolved = new Settings(options, settings);
        resolved.ChooseLength(problems);
        return resolved;
    }

    /// <summary>The options of a run that a command makes which has not all of them.</summary>
    /// <param name="options">Those of the run; what stands on the command line for them counts, and the environment.</param>
    /// <param name="more">What else is given.</param>
    /// <param name="environment">All variables.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public Settings OfRun(
        IReadOnlyList<ICliOption> options, IEnumerable<Setting> more, IReadOnlyDictionary<string, string> environment, Problems problems) =>
        Resolve(
            _options.Of(options), _settings.Values.Where(setting => setting.Source == SettingSource.CommandLine).Concat(more), environment,
            problems);

    /// <summary>These settings, with what a run has saved instead of the defaults.</summary>
    /// <param name="configFile">The run's <c>config.json</c>.</param>
    /// <param name="problems">Receives what is wrong in the file.</param>
    public Settings OnTopOf(string configFile, Problems problems)
    {
        var settings = new Dictionary<ICliOption, Setting>(_settings);
        foreach (Setting saved in SavedIn(configFile, problems))
        {
            if (!IsGiven(saved.Option))
                settings[saved.Option] = saved;
        }

        var underlaid = new Settings(_options, settings);
        underlaid.ChooseLength(problems);
        return underlaid;
    }

    /// <summary>What a run has saved of the command's options.</summary>
    /// <param name="configFile">The run's <c>config.json</c>.</param>
    /// <param name="problems">Receives what is wrong in the file.</param>
    public IReadOnlyList<Setting> SavedIn(string configFile, Problems problems) =>
    [
        .. JsonSource.Read(_options, configFile, SettingSource.SavedRun, problems)
            .Where(saved => _options.Has(saved.Option)).Select(saved => Read(saved, problems)).OfType<Setting>(),
    ];

    /// <summary>The value of an option that has one.</summary>
    /// <exception cref="InvalidOperationException">It has neither a value nor a default.</exception>
    public T Get<T>(CliOption<T> option)
        where T : notnull => _settings.TryGetValue(option, out Setting? setting)
            ? (T)setting.Value!
            : throw new InvalidOperationException($"{option.Name} has no value.");

    /// <summary>The value of an option, or null.</summary>
    public T? Find<T>(CliOption<T> option)
        where T : class => (T?)_settings.GetValueOrDefault(option)?.Value;

    /// <summary>The value of an option whose values are numbers or flags, or null.</summary>
    public T? FindValue<T>(CliOption<T> option)
        where T : struct => (T?)_settings.GetValueOrDefault(option)?.Value;

    /// <summary>The value of an option that the command cannot do without.</summary>
    /// <exception cref="RequestException">It is not given.</exception>
    public T Require<T>(CliOption<T> option)
        where T : class => Find(option) ?? throw new RequestException(option.Missing());

    /// <summary>Whether the user gave the option, now or (saved) when the run was started.</summary>
    public bool IsGiven(ICliOption option) =>
        _settings.TryGetValue(option, out Setting? setting) && setting.Source != SettingSource.Default;

    /// <summary>What the user gave for this invocation, or null.</summary>
    public Setting? GivenNow(ICliOption option) =>
        _settings.TryGetValue(option, out Setting? setting) && setting.Source > SettingSource.SavedRun ? setting : null;

    /// <summary>What the user gave, now or (saved) when the run was started, or null.</summary>
    public Setting? Given(ICliOption option) => IsGiven(option) ? _settings[option] : null;

    /// <summary>Refuses options that would have no effect, where they stand on the command line: other sources serve more calls.</summary>
    /// <param name="options">The options.</param>
    /// <param name="why">Why they have none, and what to do: a text that follows a colon.</param>
    /// <exception cref="RequestException">One of them is there.</exception>
    public void RefuseWithoutEffect(IEnumerable<ICliOption> options, string why)
    {
        string[] given = [.. options.Select(_settings.GetValueOrDefault).OfType<Setting>()
            .Where(setting => setting.Source == SettingSource.CommandLine).Select(setting => setting.Given)];
        if (given.Length > 0)
            throw new RequestException($"{string.Join(", ", given)} {(given.Length == 1 ? "has" : "have")} no effect: {why}");
    }

    /// <summary>What is saved with a run: every option that has a value and is more than a matter of this invocation.</summary>
    public IEnumerable<Setting> ToSave() =>
        _options.OfCommand.Where(option => !option.IsPerInvocation && _settings.ContainsKey(option)).Select(option => _settings[option]);

    // System.CommandLine has read what stands on the command line.
    private static Setting? Read(Setting setting, Problems problems)
    {
        if (setting.Source == SettingSource.CommandLine)
            return setting.Value is null ? null : setting;
        try
        {
            return setting with { Value = setting.Option.Read(setting.Texts) };
        }
        catch (FormatException e)
        {
            problems.Add(setting.Option.Mistake(setting.Given, e.Message));
            return null;
        }
    }

    // The length is given in epochs or in steps; the source with the last word may use either.
    private void ChooseLength(Problems problems)
    {
        if (!_settings.TryGetValue(TrainingOptions.Steps, out Setting? steps)
            || !_settings.TryGetValue(TrainingOptions.Epochs, out Setting? epochs))
            return;
        if (steps.Source == epochs.Source)
            problems.Add($"{steps.Given} and {epochs.Given}: both give the length of the run; give one of them.");
        _ = _settings.Remove(steps.Source > epochs.Source ? TrainingOptions.Epochs : TrainingOptions.Steps);
    }
}
