namespace Lockstep.Cli.Health;

/// <summary>Whether a process does what it is there for.</summary>
/// <param name="IsReady">Whether it does.</param>
/// <param name="Line">What it does, or why it does not: one line.</param>
internal sealed record Readiness(bool IsReady, string Line);
