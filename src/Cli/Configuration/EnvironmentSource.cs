using Lockstep.Model.Simd;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Cli.Configuration;

/// <summary>Options from environment variables: <c>LOCKSTEP__BATCH_SIZE</c>, and for some of them a plain name such as <c>LOCKSTEP_DATA_DIR</c>.</summary>
internal static class EnvironmentSource
{
    private const string PlainPrefix = "LOCKSTEP_";

    /// <summary>Reads all options; a variable that names none is a problem. An empty variable counts as not set.</summary>
    public static IEnumerable<Setting> Read(IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var settings = new List<Setting>();
        foreach ((string name, string value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (value.Length == 0 || !name.StartsWith(PlainPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            bool isPlain = !name.StartsWith(Settings.VariablePrefix, StringComparison.OrdinalIgnoreCase);
            OptionDescriptor? option = isPlain
                ? OptionTable.All.FirstOrDefault(option => name.Equals(option.PlainVariable, StringComparison.Ordinal))
                : OptionTable.Find(name[Settings.VariablePrefix.Length..]);
            if (option is not null)
                settings.Add(new Setting(option, value, isPlain ? SettingSource.PlainVariable : SettingSource.Environment, name));
            else if (!isPlain)
                problems.Add(Unknown(name));
            else if (OptionTable.Find(name[PlainPrefix.Length..]) is { } meant)
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

    private static string Unknown(string name)
    {
        // Without the prefix, which would make all names alike.
        string? near = Spelling.Nearest(name[Settings.VariablePrefix.Length..], OptionTable.All.Select(option => option.Variable[Settings.VariablePrefix.Length..]));
        return $"The variable {name} names no option"
            + (near is null ? "; see 'lockstep train --help' for the options." : $"; did you mean {Settings.VariablePrefix}{near}?");
    }
}
