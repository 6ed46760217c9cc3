using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Data;

/// <summary>
/// A set of examples being received from another process: first the arrays of its index, then its content, example by example in any
/// order (<see cref="Examples.Array"/>). Trusts nothing.
/// </summary>
public abstract class IncomingExamples
{
    /// <summary>Prepares to receive what a header announces. New kinds are added here.</summary>
    /// <param name="header">The header.</param>
    /// <exception cref="ArgumentException">The kind is unknown, or the numbers are inconsistent.</exception>
    public static IncomingExamples Of(in ExamplesHeader header) => header.Kind switch
    {
        IncomingImages.Kind or IncomingImages.ColourKind => new IncomingImages(header),
        IncomingFeatures.Kind or IncomingFeatures.TargetsKind => new IncomingFeatures(header),
        _ => throw new ArgumentException($"examples of the kind {header.Kind}, which this build does not know"),
    };

    /// <summary>The arrays that come before the content. Their memory grows with what arrives.</summary>
    public abstract IReadOnlyList<IncomingArray> Index { get; }

    /// <summary>Size of the content in bytes.</summary>
    public abstract long ContentBytes { get; }

    /// <summary>The next boundary at which an array may begin in a block of memory: a multiple of 64 bytes.</summary>
    public static long Aligned(long offset) => (offset + 63) & -64L;

    /// <summary>Size of all arrays in bytes.</summary>
    public long TotalBytes => Index.Sum(array => array.TotalBytes) + ContentBytes;

    /// <summary>
    /// The examples, once the index is full. Their content is still to be written: an example may be used once it is written and checked.
    /// The system gives the content its memory as it is written.
    /// </summary>
    /// <exception cref="ArgumentException">The index is not that of valid examples; the message says where.</exception>
    public abstract Examples Begin();

    /// <summary>The destination of one example's content, after <see cref="Begin"/>.</summary>
    public abstract Span<byte> Content(int example);

    /// <summary>Checks an example whose content is written.</summary>
    /// <exception cref="ArgumentException">It is not valid; the message says where.</exception>
    public abstract void Check(int example);

    /// <summary>Examples whose arrays lie one after another in unmanaged memory, each on a boundary (<see cref="Aligned"/>).</summary>
    /// <param name="memory">A handle whose value is the address of the memory, which nobody changes any more.</param>
    /// <param name="offset">Where the first array begins, in bytes.</param>
    /// <exception cref="ArgumentException">They are not valid examples; the message says where.</exception>
    public abstract Examples Within(SafeHandle memory, nint offset);
}

/// <summary>Examples whose content has elements of one type.</summary>
/// <typeparam name="T">Type of an element.</typeparam>
/// <param name="count">Number of examples.</param>
/// <param name="length">Elements of the content.</param>
internal abstract class IncomingExamples<T>(int count, long length) : IncomingExamples
    where T : unmanaged
{
    private Memory<T> _content;

    public override long ContentBytes => length * Unsafe.SizeOf<T>();

    public override Examples Begin()
    {
        CheckIndex();
        return Make(_content = GC.AllocateUninitializedArray<T>(checked((int)length)));
    }

    public override Span<byte> Content(int example) => MemoryMarshal.AsBytes(Elements(example));

    public override Examples Within(SafeHandle memory, nint offset)
    {
        foreach (IncomingArray array in Index)
        {
            array.TakeOver(memory, offset);
            offset = (nint)Aligned(offset + array.TotalBytes);
        }

        CheckIndex();
        _content = new ForeignMemory<T>(memory, offset, checked((int)length)).Memory;
        for (int example = 0; example < count; example++)
            Check(example);
        return Make(_content);
    }

    /// <summary>The elements of one example.</summary>
    protected Span<T> Elements(int example)
    {
        (int start, int elements) = Place(example);
        return _content.Span.Slice(start, elements);
    }

    /// <exception cref="ArgumentException">The index is not that of valid examples.</exception>
    protected abstract void CheckIndex();

    /// <summary>Where the elements of an example lie in the content.</summary>
    protected abstract (int Start, int Count) Place(int example);

    /// <summary>The set with this content.</summary>
    protected abstract Examples Make(ReadOnlyMemory<T> content);
}
