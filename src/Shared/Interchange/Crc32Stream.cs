using System.IO.Hashing;
using Lockstep.Model.Data;

namespace Lockstep.Shared.Interchange;

/// <summary>Computes the CRC-32 of what is read through it. .NET's zip reader does not check it.</summary>
internal sealed class Crc32Stream(Stream inner) : ForwardStream
{
    private readonly Crc32 _crc = new();

    /// <summary>CRC-32 of the bytes read so far.</summary>
    public uint Value => _crc.GetCurrentHashAsUInt32();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        _crc.Append(buffer[..count]);
        return count;
    }
}
