using Lockstep.Model.Simd;
using Lockstep.Wording;

namespace Lockstep.Cli.Options;

/// <summary>
/// Options from the environment: <c>LOCKSTEP__BATCH_SIZE</c>, and for some a plain name such as <c>LOCKSTEP_DATA_DIR</c>.
/// </summary>
internal static class EnvironmentSource
{
    private const string PlainPrefix = "LOCKSTEP_";

    /// <summary>Reads all options; a variable that names none is a problem. An empty variable counts as not set.</summary>
    public static IEnumerable<Setting> Read(OptionSet options, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var settings = new List<Setting>();
        foreach ((string name, string value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (value.Length == 0 || !name.StartsWith(PlainPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            bool isPlain = !name.StartsWith(Settings.VariablePrefix, StringComparison.OrdinalIgnoreCase);
            ICliOption? option = isPlain
                ? options.Settable.FirstOrDefault(option => name.Equals(option.PlainVariable, StringComparison.Ordinal))
                : options.Find(name[Settings.VariablePrefix.Length..]);
            if (option is not null)
                settings.Add(new Setting(option, [value], isPlain ? SettingSource.PlainVariable : SettingSource.Environment, name));
            else if (!isPlain)
                problems.Add(Unknown(options, name));
            else if (options.Find(name[PlainPrefix.Length..]) is { } meant)
                problems.Add($"The variable {name} is not read; set {meant.Variable}, with two underscores.");
        }

        CheckKernels(environment, problems);
        return settings;
    }

    // Read by the kernels themselves when they are first used; by then it is late to say that it is wrong.
    private static void CheckKernels(IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        try
        {
            _ = KernelDispatch.Choose(environment.GetValueOrDefault(KernelDispatch.Variable));
        }
        catch (InvalidOperationException e)
        {
            problems.Add(e.Message);
        }
    }

    private static string Unknown(OptionSet options, string name)
    {
        string key = name[Settings.VariablePrefix.Length..];
        if (options.IsCommandLineOnly(key))
            return $"The variable {name} is not read: that option is for the command line only.";
        return $"The variable {name} names no option"
            + (options.Nearest(key) is { } near ? $"; did you mean {near.Variable}?" : "; see 'lockstep help train' for the options.");
    }
}
