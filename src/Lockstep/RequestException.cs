namespace Lockstep;

/// <summary>A request is wrong, and nothing was started. The messages say what is wrong and what to do instead.</summary>
public sealed class RequestException : Exception
{
    /// <summary>Several mistakes.</summary>
    /// <param name="messages">A paragraph each.</param>
    /// <param name="cause">What was thrown, if anything.</param>
    public RequestException(IReadOnlyList<string> messages, Exception? cause = null)
        : base(string.Join(' ', messages), cause) => Messages = messages;

    /// <summary>One mistake.</summary>
    /// <param name="message">A paragraph.</param>
    /// <param name="cause">What was thrown, if anything.</param>
    public RequestException(string message, Exception? cause = null)
        : this([message], cause)
    {
    }

    /// <summary>One or more paragraphs.</summary>
    public IReadOnlyList<string> Messages { get; }
}
