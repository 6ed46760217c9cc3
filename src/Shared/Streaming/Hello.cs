using System.Text;

namespace Lockstep.Shared.Streaming;

/// <summary>Payload of the first frame: the one-time token, then the worker's id in UTF-8.</summary>
internal static class Hello
{
    public const int MaxWorkerBytes = 256;
    public const int MaxBytes = StreamTokens.TokenBytes + MaxWorkerBytes;

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
