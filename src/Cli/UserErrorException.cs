namespace Lockstep.Cli;

/// <summary>The user asked for something that cannot be done; the messages say what, and what to do instead. Exit code 2.</summary>
internal sealed class UserErrorException(IReadOnlyList<string> messages, Exception? cause = null) : Exception(string.Join(' ', messages), cause)
{
    public UserErrorException(string message, Exception? cause = null)
        : this([message], cause)
    {
    }

    /// <summary>One or more paragraphs.</summary>
    public IReadOnlyList<string> Messages { get; } = messages;
}
