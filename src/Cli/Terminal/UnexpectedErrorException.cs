namespace Lockstep.Cli.Terminal;

/// <summary>Something failed that nobody foresaw; its stack trace is in a log already.</summary>
internal sealed class UnexpectedErrorException(Exception cause, string logFile) : Exception(cause.Message, cause)
{
    /// <summary>Where the stack trace is.</summary>
    public string LogFile { get; } = logFile;
}
