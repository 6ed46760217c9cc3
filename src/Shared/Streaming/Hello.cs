using System.Text;

namespace Lockstep.Shared.Streaming;

/// <summary>Payload of the first frame of a worker: the one-time token, then the worker's id in UTF-8.</summary>
internal static class Hello
{
    public const int MaxWorkerBytes = 256;
    public const int MaxBytes = StreamTokens.TokenBytes + MaxWorkerBytes;

    /// <summary>Receives the payload of the frame.</summary>
    /// <exception cref="StreamException">It is too short, or the stream ended.</exception>
    public static byte[] Receive(TensorConnection connection, in FrameHeader header)
    {
        if (header.PayloadLength <= StreamTokens.TokenBytes)
            throw new StreamException(StreamError.WrongLength, connection.Peer, $"got a Hello frame of {header.PayloadLength} bytes, too short for a token.");
        byte[] payload = new byte[header.PayloadLength];
        connection.ReceivePayload(header, payload);
        return payload;
    }

    public static byte[] Encode(ReadOnlySpan<byte> token, string worker)
    {
        int length = Encoding.UTF8.GetByteCount(worker);
        if (token.Length != StreamTokens.TokenBytes)
            throw new ArgumentException($"A token of {token.Length} bytes; expected {StreamTokens.TokenBytes}.", nameof(token));
        if (length is 0 or > MaxWorkerBytes)
            throw new ArgumentException($"Worker id '{worker}' takes {length} bytes; expected 1 to {MaxWorkerBytes}.", nameof(worker));
        byte[] payload = new byte[StreamTokens.TokenBytes + length];
        token.CopyTo(payload);
        Encoding.UTF8.GetBytes(worker, payload.AsSpan(StreamTokens.TokenBytes));
        return payload;
    }
}
