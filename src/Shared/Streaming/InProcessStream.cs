namespace Lockstep.Shared.Streaming;

/// <summary>
/// A tensor stream within a process. What one end sends lies in memory until the other receives it. The coordinator's end has no thread:
/// the thread that receives at the worker's end handles its frames before it waits for one of its own, so that no frame wakes a thread.
/// </summary>
public sealed class InProcessStream : FrameStream
{
    private readonly End _end;

    private InProcessStream(End end, string peer)
        : base(end, peer, isWithinMachine: true) => _end = end;

    /// <summary>Makes both ends.</summary>
    public static (InProcessStream Worker, InProcessStream Coordinator) CreatePair()
    {
        object gate = new();
        End worker = new(gate), coordinator = new(gate);
        (worker.Other, coordinator.Other) = (coordinator, worker);
        return (new InProcessStream(worker, "the coordinator"), new InProcessStream(coordinator, "this process"));
    }

    /// <summary>Coordinator's end: has its frames handled by the thread of the other end.</summary>
    /// <param name="receive">Receives and handles a frame, or the end of the stream; false once there will be no more.</param>
    public void ServeBy(Func<bool> receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _end.ServeBy(receive);
    }

    /// <inheritdoc/>
    public override bool CanReceiveAtOnce() => _end.HasBytes();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // The coordinator's end hears of the end by this thread, too.
        _end.Other.ServeAll();
    }

    private sealed class End(object gate) : Stream
    {
        private byte[] _bytes = new byte[4096];
        private int _first, _count;
        private Func<bool>? _receive;
        private bool _isServing;
        private bool _isClosed;

        public End Other { get; set; } = null!;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        private bool IsOver => _isClosed || Other._isClosed;

        public void ServeBy(Func<bool> receive)
        {
            lock (gate)
            {
                _receive = receive;
                Monitor.PulseAll(gate);
            }
        }

        /// <summary>Whether there is something to receive, or the stream is over. Handles the other end's frames first.</summary>
        public bool HasBytes()
        {
            do
            {
                lock (gate)
                {
                    if (_count > 0 || IsOver)
                        return true;
                }
            }
            while (Other.ServeNext());
            return false;
        }

        /// <summary>Handles all that this end has received, if it has no thread of its own.</summary>
        public void ServeAll()
        {
            while (ServeNext())
            {
            }
        }

        public override int Read(Span<byte> buffer)
        {
            while (!HasBytes())
            {
                lock (gate)
                {
                    if (_count == 0 && !IsOver && !Other.IsToServe)
                        Monitor.Wait(gate);
                }
            }

            lock (gate)
            {
                int count = Math.Min(buffer.Length, _count);
                _bytes.AsSpan(_first, count).CopyTo(buffer);
                (_first, _count) = count == _count ? (0, 0) : (_first + count, _count - count);
                return count;
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (gate)
            {
                if (IsOver)
                    throw new IOException("The other end is closed.");
                Other.Add(buffer);
                Monitor.PulseAll(gate);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            lock (gate)
            {
                _isClosed = true;
                Monitor.PulseAll(gate);
            }

            base.Dispose(disposing);
        }

        private bool IsToServe => _receive is not null && !_isServing && (_count > 0 || IsOver);

        /// <summary>Handles a frame that this end has received; false if there is none, or another thread is at it.</summary>
        private bool ServeNext()
        {
            Func<bool> receive;
            lock (gate)
            {
                if (!IsToServe)
                    return false;
                (receive, _isServing) = (_receive!, true);
            }

            bool goesOn = false;
            try
            {
                return goesOn = receive();
            }
            finally
            {
                lock (gate)
                {
                    _isServing = false;
                    if (!goesOn)
                        _receive = null;
                }
            }
        }

        private void Add(ReadOnlySpan<byte> bytes)
        {
            if (_first + _count + bytes.Length > _bytes.Length)
            {
                byte[] larger = _count + bytes.Length > _bytes.Length ? new byte[2 * (_count + bytes.Length)] : _bytes;
                _bytes.AsSpan(_first, _count).CopyTo(larger);
                (_bytes, _first) = (larger, 0);
            }

            bytes.CopyTo(_bytes.AsSpan(_first + _count));
            _count += bytes.Length;
        }
    }
}
