namespace Lockstep.Cli.Terminal;

/// <summary>An unexpected failure whose stack trace is already in a log.</summary>
internal sealed class UnexpectedErrorException(Exception cause, string logFile) : Exception(cause.Message, cause)
{
    /// <summary>Where the stack trace is.</summary>
    public string LogFile { get; } = logFile;
}
