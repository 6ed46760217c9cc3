namespace Lockstep.Data.Raw.Tables;

/// <summary>How a file is read. The result does not depend on it.</summary>
internal sealed record TableReading
{
    /// <summary>Called with the bytes of the file that were read, and all of them; null for nothing.</summary>
    public Action<long, long>? Progress { get; init; }

    /// <summary>Stops reading.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Blocks that are read at the same time. The default is the number of processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of a block of rows; a longer row is a block of its own. The default is 1 MiB.</summary>
    public int BlockBytes { get; init; } = 1 << 20;
}
