namespace Lockstep.Shared.Streaming;

/// <summary>A tensor stream cannot continue. The message names the peer; the connection is unusable.</summary>
public sealed class StreamException : IOException
{
    /// <summary>A failure of the stream to <paramref name="peer"/>.</summary>
    /// <param name="error">What happened, for code.</param>
    /// <param name="peer">Address of the other side.</param>
    /// <param name="problem">What happened, for people.</param>
    /// <param name="inner">The cause; null for none.</param>
    public StreamException(StreamError error, string peer, string problem, Exception? inner = null)
        : base($"Tensor stream with {peer}: {problem}", inner) => (Error, Peer, Problem) = (error, peer, problem);

    /// <summary>What happened.</summary>
    public StreamError Error { get; }

    /// <summary>Address of the other side.</summary>
    public string Peer { get; }

    /// <summary>The message without the peer. For <see cref="StreamError.Refused"/>, the reason that the peer gave.</summary>
    public string Problem { get; }
}
