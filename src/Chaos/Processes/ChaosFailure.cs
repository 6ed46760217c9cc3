namespace Lockstep.Chaos.Processes;

/// <summary>The run under faults failed; the message says what happened. A fault of Lockstep, not of the user.</summary>
/// <param name="outcome">The outcome, one word.</param>
/// <param name="message">A paragraph.</param>
internal sealed class ChaosFailure(string outcome, string message) : Exception(message)
{
    /// <summary>No step was completed for too long.</summary>
    public const string Hung = "hung";

    /// <summary>A process ended unexpectedly.</summary>
    public const string Ended = "ended";

    public string Outcome { get; } = outcome;

    /// <summary>The exit code of the process that ended; null if none did.</summary>
    public int? ExitCode { get; init; }
}
