using System.Text.Json;
using Lockstep.Cli.Configuration;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Training;

/// <summary>Resolved options as properties of <c>config.json</c>, in the form that <c>--config</c> reads.</summary>
internal static class SettingsJson
{
    /// <summary>Writes every option that is not of this invocation only; what belongs to the run spec as the spec has it.</summary>
    public static void Write(Utf8JsonWriter writer, Settings settings, RunSpec spec)
    {
        var texts = settings.ToSave().ToDictionary(setting => setting.Option, setting => setting.Text);
        foreach ((OptionDescriptor option, Func<RunSpec, string?> text) in SpecOptions.All)
        {
            if (text(spec) is { } value)
                texts[option] = value;
        }

        foreach (OptionDescriptor option in OptimizerPlan.Meaningless(spec.Optimizer.Name))
            _ = texts.Remove(option);
        _ = texts.Remove(OptionTable.Steps);
        _ = texts.Remove(OptionTable.Epochs);
        if (spec.TotalSteps % spec.StepsPerEpoch == 0)
            texts[OptionTable.Epochs] = $"{spec.TotalSteps / spec.StepsPerEpoch}";
        else
            texts[OptionTable.Steps] = $"{spec.TotalSteps}";

        // The run may be resumed, or trained again, from another working directory.
        foreach (OptionDescriptor option in new[] { OptionTable.DataDir, OptionTable.InitFrom })
        {
            if (texts.TryGetValue(option, out string? path))
                texts[option] = Path.GetFullPath(path);
        }

        foreach (OptionDescriptor option in OptionTable.All.Where(texts.ContainsKey))
            Write(writer, option.Key, option.ParseText(texts[option]));
    }

    private static void Write(Utf8JsonWriter writer, string key, object value)
    {
        switch (value)
        {
            case bool flag:
                writer.WriteBoolean(key, flag);
                break;
            case long number:
                writer.WriteNumber(key, number);
                break;
            case ulong number:
                writer.WriteNumber(key, number);
                break;
            case double number:
                writer.WriteNumber(key, number);
                break;
            default:
                writer.WriteString(key, value.ToString());
                break;
        }
    }
}
