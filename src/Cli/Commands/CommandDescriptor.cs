using Lockstep.Cli.Configuration;

namespace Lockstep.Cli.Commands;

/// <summary>One command: its place on the command line, its help, and what it does.</summary>
/// <param name="Id">Names it in the option table.</param>
/// <param name="Path">Such as <c>data fetch</c>.</param>
/// <param name="Summary">One line for the list of commands.</param>
/// <param name="Run">Does it; the result is the exit code.</param>
internal sealed record CommandDescriptor(CommandSet Id, string Path, string Summary, Func<Invocation, Task<int>> Run)
{
    /// <summary>A paragraph for its help.</summary>
    public required string Details { get; init; }

    /// <summary>Heading in the list of commands.</summary>
    public required string Heading { get; init; }

    /// <summary>Command lines and what they do.</summary>
    public required IReadOnlyList<(string Line, string Meaning)> Examples { get; init; }

    /// <summary>The argument in capitals, or null when it takes none.</summary>
    public string? Argument { get; init; }

    /// <summary>What the argument is.</summary>
    public string ArgumentHelp { get; init; } = "";

    /// <summary>Whether it may be left out.</summary>
    public bool ArgumentIsOptional { get; init; }

    /// <summary>The argument as it stands in a usage line, with a space before it.</summary>
    public string ArgumentUsage => Argument is null ? "" : ArgumentIsOptional ? $" [{Argument}]" : $" {Argument}";
}
