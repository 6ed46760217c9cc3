namespace Lockstep.Chaos.Processes;

/// <summary>The run under faults did not do what it promises; the message says what happened. It counts against Lockstep, not against the user.</summary>
/// <param name="outcome">In a word.</param>
/// <param name="message">A paragraph.</param>
internal sealed class ChaosFailure(string outcome, string message) : Exception(message)
{
    /// <summary>No step was completed for too long.</summary>
    public const string Hung = "hung";

    /// <summary>A process ended that should not have.</summary>
    public const string Ended = "ended";

    public string Outcome { get; } = outcome;

    /// <summary>The exit code of the process that ended; null where none did.</summary>
    public int? ExitCode { get; init; }
}
