namespace Lockstep.Cli.Options;

/// <summary>What a command prints, and how.</summary>
internal static class OutputOptions
{
    /// <summary>Those of a command that shows progress.</summary>
    public static IReadOnlyList<ICliOption> Progress => [Quiet, Verbose, NoColor];

    /// <summary>Standard error in lines of JSON.</summary>
    public const string JsonLog = "json";

    public static readonly CliOption<bool> Quiet = new("--quiet", ValueKind.Flag)
    {
        Default = "false", IsPerInvocation = true, Elsewhere = ["-q", "--silent"],
        Help = "No progress, only warnings, errors and the result.",
    };

    public static readonly CliOption<bool> Verbose = new("--verbose", ValueKind.Flag)
    {
        Default = "false", IsPerInvocation = true, Elsewhere = ["-v", "--debug"],
        Help = "Log to standard error as well, with details; progress as plain lines.",
    };

    public static readonly CliOption<string> LogFormat = new("--log-format", ValueKind.Name("text", JsonLog))
    {
        Placeholder = "FORMAT", Default = "text", IsPerInvocation = true,
        Help = "Standard error for people, or one JSON object a line, with time, level, message, run, term, step and worker.",
    };

    public static readonly CliOption<bool> NoColor = new("--no-color", ValueKind.Flag)
    {
        Default = "false", IsPerInvocation = true, Elsewhere = ["--no-colour", "--plain"],
        Help = "No colours. The variable NO_COLOR does the same.",
    };

    public static readonly CliOption<bool> Json = new("--json", ValueKind.Flag)
    {
        Default = "false", IsPerInvocation = true, IsCommon = true,
        Help = "Print the result as JSON on standard output.",
    };
}
