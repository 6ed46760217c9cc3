using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Terminal;

/// <summary>What a command says on standard error, a line at a time: for people, or for programs. Any thread may say something.</summary>
internal abstract class Messages
{
    /// <summary>Tells where in a run this process is, for messages to programs. Called on any thread.</summary>
    public Func<RunPlace> Place { get; set; } = () => default;

    /// <summary>Writes one message.</summary>
    /// <param name="level">How bad it is.</param>
    /// <param name="line">What, in a line.</param>
    /// <param name="about">What of <see cref="Place"/> is known better for this line.</param>
    /// <param name="metrics">The figures that the line tells, for programs; null for none.</param>
    public abstract void Say(LogLevel level, string line, RunPlace about = default, MetricsRow? metrics = null);

    /// <summary>Says an entry of the log.</summary>
    /// <param name="level">How bad it is.</param>
    /// <param name="source">Who logged it.</param>
    /// <param name="message">What it says.</param>
    /// <param name="exception">What was thrown, if anything.</param>
    public abstract void Log(LogLevel level, string source, string message, Exception? exception);

    /// <summary>Says why a command was not carried out.</summary>
    /// <param name="command">The command.</param>
    /// <param name="mistakes">What is wrong, a paragraph each.</param>
    public abstract void Refuse(string command, IReadOnlyList<string> mistakes);
}
