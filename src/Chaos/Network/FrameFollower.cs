using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Network;

/// <summary>Finds the frames in the bytes of a tensor stream as they pass by, whatever pieces they come in. Payloads are skipped.</summary>
/// <param name="onFrame">Told of the header of every frame, when it is complete.</param>
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
            // It is for the worker to judge; there is nothing more to see here.
            _isLost = true;
        }
    }
}
