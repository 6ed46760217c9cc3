using System.Collections;
using System.Text;
using Lockstep.Cli.Hosting;

namespace Lockstep.Cli.Terminal;

/// <summary>What a command sees of the world around its process.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress, warnings and errors.</param>
/// <param name="In">Read by a worker that was started by <c>train</c>.</param>
/// <param name="Environment">Environment variables.</param>
/// <param name="ErrorIsTerminal">Whether a person watches <paramref name="Error"/> on a terminal that can be redrawn.</param>
internal sealed record CommandIo(
    TextWriter Out, TextWriter Error, TextReader In, IReadOnlyDictionary<string, string> Environment, bool ErrorIsTerminal)
{
    // The first that is set decides.
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    /// <summary>Says lines on <see cref="Error"/>, in the form that <c>--log-format</c> asks for.</summary>
    public Messages Messages { get; init; } = new TextMessages(Error);

    /// <summary><see cref="Out"/> for pictures and colours: takes escape sequences.</summary>
    public TextWriter OutTerminal { get; private init; } = Out;

    /// <summary><see cref="Error"/> for a display that is redrawn: takes escape sequences.</summary>
    public TextWriter ErrorTerminal { get; private init; } = Error;

    /// <summary>Whether a person looks at <see cref="Out"/> on a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether <see cref="Out"/> can show more than ASCII.</summary>
    public bool OutIsUnicode { get; init; }

    /// <summary>Tells what <see cref="Out"/> has lost.</summary>
    public StandardStream? Output { get; init; }

    /// <summary>The same, where no text that is written to <see cref="Out"/> or <see cref="Error"/> can steer a terminal.</summary>
    public CommandIo Printable()
    {
        var error = new PrintableWriter(Error);
        return this with
        {
            Out = new PrintableWriter(Out),
            Error = error,
            OutTerminal = Out,
            ErrorTerminal = Error,
            Messages = new TextMessages(error),
        };
    }

    /// <summary>That of this process. Losing standard error ends nothing; what standard output has lost is told at the end.</summary>
    public static CommandIo OfProcess()
    {
        var output = new StandardStream(1);
        // Also for what libraries write.
        Console.SetOut(output.ToWriter(Console.OutputEncoding));
        Console.SetError(new StandardStream(2).ToWriter(Console.OutputEncoding));
        TextReader input = OperatingSystem.IsWindows() || StandardStream.IsInherited(0) ? Console.In : TextReader.Null;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        bool canBeRedrawn = environment.GetValueOrDefault("TERM") != "dumb";
        return new CommandIo(Console.Out, Console.Error, input, environment, canBeRedrawn && !Console.IsErrorRedirected)
        {
            Output = output,
            OutIsTerminal = canBeRedrawn && !Console.IsOutputRedirected,
            OutIsUnicode = Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage
                && (OperatingSystem.IsWindows() || LocaleIsUtf8(environment)),
        };
    }

    // Without a locale .NET writes UTF-8 all the same, whatever the terminal makes of it.
    private static bool LocaleIsUtf8(Dictionary<string, string> environment)
    {
        string? locale = LocaleVariables.Select(environment.GetValueOrDefault).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale?.Replace("-", "", StringComparison.Ordinal).EndsWith("utf8", StringComparison.OrdinalIgnoreCase) == true;
    }

    /// <summary>Whether the environment asks all programs for no colours (see no-color.org).</summary>
    public bool NoColor => Environment.GetValueOrDefault("NO_COLOR") is { Length: > 0 };
}
