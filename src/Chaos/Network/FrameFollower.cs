using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Network;

/// <summary>Finds the frames in the bytes of a tensor stream, in whatever pieces they come. Skips payloads.</summary>
/// <param name="onFrame">Receives the header of every frame when it is complete.</param>
internal sealed class FrameFollower(Action<FrameHeader> onFrame)
{
    private readonly byte[] _header = new byte[FrameHeader.Size];
    private int _have, _skip;
    private bool _isLost;

    /// <summary>The next bytes of the stream.</summary>
    public void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !_isLost)
        {
            int skipped = Math.Min(_skip, bytes.Length);
            _skip -= skipped;
            bytes = bytes[skipped..];
            int taken = Math.Min(FrameHeader.Size - _have, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_have));
            _have += taken;
            bytes = bytes[taken..];
            if (_have == FrameHeader.Size)
                Complete();
        }
    }

    private void Complete()
    {
        try
        {
            var header = FrameHeader.Read(_header, "the coordinator");
            (_have, _skip) = (0, header.PayloadLength);
            onFrame(header);
        }
        catch (StreamException)
        {
            // Not a frame: the worker judges it, and this one follows no further.
            _isLost = true;
        }
    }
}
