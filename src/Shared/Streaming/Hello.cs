using System.Globalization;
using System.Text;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Payload of a dialer's first frame. For a worker's <see cref="FrameKind.Hello"/>: the one-time token, then the worker's id in UTF-8. For
/// a coordinator's <see cref="FrameKind.Peer"/>: its own HOST:PORT in UTF-8.
/// </summary>
internal static class Hello
{
    public const int MaxWorkerBytes = 256;
    public const int MaxBytes = StreamTokens.TokenBytes + MaxWorkerBytes;

    /// <summary>Maximum length of a coordinator's address: a name of 253 bytes and a port.</summary>
    public const int MaxPeerBytes = 260;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Receives the payload of a frame of one of the two kinds.</summary>
    /// <exception cref="StreamException">It is another kind or too short, or the stream ended.</exception>
    public static byte[] Receive(FrameStream stream, in FrameHeader header)
    {
        if (header.Kind != FrameKind.Peer)
            stream.Expect(header, FrameKind.Hello);
        if (header.Kind == FrameKind.Hello && header.PayloadLength <= StreamTokens.TokenBytes)
            throw new StreamException(
                StreamError.WrongLength, stream.Peer, $"got a Hello frame of {header.PayloadLength} bytes, too short for a token.");
        byte[] payload = new byte[header.PayloadLength];
        stream.ReceivePayload(header, payload);
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

    public static byte[] EncodePeer(string address) => IsAddress(address)
        ? Encoding.UTF8.GetBytes(address)
        : throw new ArgumentException(
            $"'{address}' is no address of a coordinator; expected HOST:PORT of at most {MaxPeerBytes} bytes.", nameof(address));

    /// <summary>The address in a <see cref="FrameKind.Peer"/> payload; null if it is invalid.</summary>
    public static string? DecodePeer(ReadOnlySpan<byte> payload)
    {
        try
        {
            string address = Strict.GetString(payload);
            return IsAddress(address) ? address : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsAddress(string text) =>
        text.LastIndexOf(':') is > 0 and var colon
        && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) && Encoding.UTF8.GetByteCount(text) <= MaxPeerBytes;
}
