
namespace Lockstep.Simulation.Tests.World;

/// <summary>An open file of a virtual disk: one that is read sees what is written to it meanwhile.</summary>
/// <param name="file">The file.</param>
/// <param name="disk">Where it is written to; null for one that is only read.</param>
/// <param name="random">How much of a write is done when it fails.</param>
internal sealed class VirtualFileStream(VirtualFile file, VirtualDisk? disk, SimRandom random) : Stream
{
    public VirtualFile File => file;

    public override bool CanRead => disk is null;

    public override bool CanSeek => true;

    public override bool CanWrite => disk is not null;

    public override long Length => file.Content.Length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> left = file.Content[(int)Math.Min(Position, Length)..];
        int count = Math.Min(buffer.Length, left.Length);
        left[..count].CopyTo(buffer);
        Position += count;
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        bool hasPower = !Disk.HasLostPower;
        try
        {
            Disk.Operate();
        }
        catch (Exception) when (hasPower)
        {
            file.Write(Position, buffer[..random.Next(buffer.Length + 1)]);
            throw;
        }

        file.Write(Position, buffer);
        Position += buffer.Length;
    }

    public override void SetLength(long value)
    {
        Disk.Operate();
        file.SetLength(value);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // What is written is in the system's cache.
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    private VirtualDisk Disk => disk ?? throw new NotSupportedException("The file is open to be read.");
}
