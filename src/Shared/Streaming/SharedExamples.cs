using Lockstep.Model.Data;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Examples in memory that all workers of one machine and user map, so that the machine holds them once for all. Nobody can change them
/// any more. Linux only. The arrays follow the first page, each on a boundary (<see cref="IncomingExamples.Aligned"/>).
/// </summary>
public sealed class SharedExamples
{
    private readonly MemoryFile _file;

    private SharedExamples(MemoryFile file) => _file = file;

    /// <summary>What another process needs to open them.</summary>
    public SharedMemoryPlace Place => _file.Place;

    /// <summary>Copies examples to shared memory; null if the system does not support it or has not enough.</summary>
    public static SharedExamples? TryCreate(Examples examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        Span<long> starts = stackalloc long[examples.Arrays];
        long end = MemoryFile.PageBytes;
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = IncomingExamples.Aligned(end);
            end = starts[i] + examples.Array(i).Length;
        }

        if (MemoryFile.TryCreate(end) is not { } file)
            return null;
        try
        {
            for (int i = 0; i < starts.Length; i++)
                file.Write(starts[i], examples.Array(i));
        }
        catch (IOException)
        {
            return null;
        }

        return file.TryMakeImmutable() ? new SharedExamples(file) : null;
    }

    /// <summary>
    /// Examples in memory of another process; null if it cannot be reached (another machine, container or user), is not the intended one,
    /// or could still be changed.
    /// </summary>
    /// <param name="place">The place that the other process has sent.</param>
    /// <param name="incoming">What it has announced.</param>
    /// <exception cref="ArgumentException">They are not valid examples; the message says where.</exception>
    public static Examples? TryOpen(SharedMemoryPlace place, IncomingExamples incoming)
    {
        ArgumentNullException.ThrowIfNull(incoming);
        long end = MemoryFile.PageBytes;
        foreach (IncomingArray array in incoming.Index)
            end = IncomingExamples.Aligned(end) + array.TotalBytes;
        end = IncomingExamples.Aligned(end) + incoming.ContentBytes;
        return MemoryFile.TryOpen(place, end, isWritable: false) is { IsImmutable: true } file
            && file.TryMap(isWritable: false) is { } mapping
                ? incoming.Within(mapping, MemoryFile.PageBytes)
                : null;
    }
}
