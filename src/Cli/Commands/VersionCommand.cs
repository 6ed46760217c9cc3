using Lockstep.Cli.Terminal;
using Lockstep.Runs;

namespace Lockstep.Cli.Commands;

/// <summary><c>version</c>: the version and the commit that it was built from.</summary>
internal sealed class VersionCommand() : CliCommand("version", "The version of this program")
{
    /// <summary>The version in one line.</summary>
    public static string Text =>
        $"lockstep {RunEnvironment.Version}" + (RunEnvironment.Commit is { Length: >= 12 } commit ? $" ({commit[..12]})" : "");

    public override string Heading => CommandHeading.Help;

    public override string Details => "Prints the version, and the commit that it was built from.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("lockstep version", "as 'lockstep --version'")];

    public override Task<int> RunAsync(Invocation invocation)
    {
        invocation.Io.Out.WriteLine(Text);
        return Task.FromResult(ExitCode.Done);
    }
}
