using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>Two ends of a stream in memory, on one thread: what one end has sent, the other can receive at once.</summary>
internal sealed class MemoryPair : IDisposable
{
    private readonly End _near = new(), _far = new();

    public MemoryPair()
    {
        _near.Peer = _far;
        _far.Peer = _near;
        Near = new FrameStream(_near, "far", isWithinMachine: true);
        Far = new FrameStream(_far, "near", isWithinMachine: true);
    }

    public FrameStream Near { get; }

    public FrameStream Far { get; }

    /// <summary>Whether something that the far end sent is not received yet.</summary>
    public bool NearHasBytes => _near.HasBytes;

    /// <summary>Whether something that the near end sent is not received yet.</summary>
    public bool FarHasBytes => _far.HasBytes;

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }

    private sealed class End : MemoryStream
    {
        private readonly Queue<byte[]> _incoming = new();
        private int _read;

        public End Peer { get; set; } = null!;

        public bool HasBytes => _incoming.Count > 0;

        public override int Read(Span<byte> buffer)
        {
            if (!_incoming.TryPeek(out byte[]? next))
                return 0;
            int count = Math.Min(buffer.Length, next.Length - _read);
            next.AsSpan(_read, count).CopyTo(buffer);
            _read += count;
            if (_read == next.Length)
            {
                _incoming.Dequeue();
                _read = 0;
            }

            return count;
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Peer._incoming.Enqueue(buffer.ToArray());
    }
}
