namespace Lockstep.Shared.Streaming;

/// <summary>Validates the first frame of a stream to a coordinator. Thread-safe.</summary>
/// <param name="tokens">The valid tokens of workers.</param>
internal sealed class StreamGreetings(StreamTokens tokens)
{
    private readonly Lock _lock = new();
    private ulong? _run;

    /// <summary>
    /// The run that this coordinator leads; workers of other runs are refused. Null while it leads none: then every worker is told to look
    /// for the leader.
    /// </summary>
    public ulong? Run
    {
        get
        {
            lock (_lock)
                return _run;
        }
        set
        {
            lock (_lock)
                _run = value;
        }
    }

    /// <summary>The worker that sends Hello.</summary>
    /// <exception cref="StreamException">It may not take part, and was told so.</exception>
    public string WorkerOf(FrameStream stream, in FrameHeader header, byte[] hello)
    {
        if (Run is not { } run)
            throw RefuseWithoutLeader(stream);
        string? worker = tokens.Redeem(hello.AsSpan(0, StreamTokens.TokenBytes), hello.AsSpan(StreamTokens.TokenBytes));
        if (worker is null)
        {
            throw Refuse(
                stream, "The token is not valid: it is wrong, expired or used. Join the cluster again for a new one.",
                "its token is not valid (wrong, expired or used).");
        }

        if (header.Run != run)
            throw Refuse(stream, $"This is run {run:x16}, not {header.Run:x16}.", $"it wants run {header.Run:x16}; this is run {run:x16}.");
        return worker;
    }

    /// <summary>HOST:PORT of the coordinator that greets as a peer.</summary>
    /// <exception cref="StreamException">The address is invalid, and the peer was told so.</exception>
    public string PeerOf(FrameStream stream, byte[] hello) => Hello.DecodePeer(hello)
        ?? throw Refuse(stream, "Your own address is not HOST:PORT.", "it is a coordinator whose own address is not HOST:PORT.");

    /// <summary>Refuses the other side with a reason.</summary>
    /// <returns>The exception to throw.</returns>
    public StreamException Refuse(FrameStream stream, string reason, string problem)
    {
        stream.SendLast(FrameKind.Refusal, Run ?? 0, 0, reason);
        return new StreamException(StreamError.Refused, stream.Peer, problem);
    }

    /// <summary>
    /// Refuses a worker that was admitted by a leadership that has ended meanwhile. The worker then looks for the new leader.
    /// </summary>
    private static StreamException RefuseWithoutLeader(FrameStream stream)
    {
        stream.SendLast(FrameKind.Bye, 0, 0, "this coordinator does not lead", ByeReason.HandsOver);
        return new StreamException(StreamError.Closed, stream.Peer, "it is a worker, and this coordinator does not lead.");
    }
}
