using System.Collections;

namespace Lockstep.Cli.Commands;

/// <summary>What a command sees of the world around its process.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress, warnings and errors.</param>
/// <param name="In">Read by a worker that was started by <c>train</c>.</param>
/// <param name="Environment">Environment variables.</param>
/// <param name="ErrorIsTerminal">Whether a person watches <paramref name="Error"/> on a terminal that can be redrawn.</param>
internal sealed record CommandIo(
    TextWriter Out, TextWriter Error, TextReader In, IReadOnlyDictionary<string, string> Environment, bool ErrorIsTerminal)
{
    /// <summary>That of this process.</summary>
    public static CommandIo OfProcess()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        bool isTerminal = !Console.IsErrorRedirected && environment.GetValueOrDefault("TERM") != "dumb";
        return new CommandIo(Console.Out, Console.Error, Console.In, environment, isTerminal);
    }

    /// <summary>Whether colours are unwanted for all programs (see no-color.org).</summary>
    public bool NoColor => Environment.GetValueOrDefault("NO_COLOR") is { Length: > 0 };
}
