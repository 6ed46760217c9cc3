using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Commands;

/// <summary>One call of a command, with its options resolved and found legal.</summary>
/// <param name="Settings">The options.</param>
/// <param name="Parsed">The command line.</param>
/// <param name="Io">The world around.</param>
internal sealed record Invocation(Settings Settings, ParseResult Parsed, CommandIo Io)
{
    /// <summary>When the command began.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>The value of an argument that must be given.</summary>
    public T Get<T>(Argument<T> argument)
        where T : class => Parsed.GetRequiredValue(argument);

    /// <summary>The value of an argument, or null.</summary>
    public T? Find<T>(Argument<T> argument)
        where T : class => Parsed.GetValue(argument);
}
