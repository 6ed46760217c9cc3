using System.Diagnostics;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Commands;

/// <summary>One call of a command, with its options resolved and found legal.</summary>
/// <param name="Settings">The options.</param>
/// <param name="Argument">The argument, for a command that has one and was given it.</param>
/// <param name="Io">The world around.</param>
/// <param name="Arguments">The whole command line.</param>
internal sealed record Invocation(Settings Settings, string? Argument, CommandIo Io, IReadOnlyList<string> Arguments)
{
    /// <summary>Runs since the command began.</summary>
    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    /// <summary>When the command began.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;
}
