using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Data;

/// <summary>What a data set is to a run: labelled examples of one shape, by index. Each kind, such as <see cref="ImageSet"/>, holds them in a form of its own.</summary>
public abstract class Examples
{
    /// <summary>Number of examples.</summary>
    public abstract int Count { get; }

    /// <summary>Shape of one example.</summary>
    public abstract TensorShape Shape { get; }

    /// <summary>Class of each example.</summary>
    public abstract ReadOnlySpan<byte> Labels { get; }

    /// <summary>One more than the largest label; 0 for no examples.</summary>
    public int Classes => Count == 0 ? 0 : TensorPrimitives.Max(Labels) + 1;

    /// <summary>What is announced before the arrays are sent to another process; <see cref="IncomingExamples"/> receives them.</summary>
    public abstract ExamplesHeader Header { get; }

    /// <summary>How large an example is, for people: such as <c>28 x 28 = 784 pixels</c>.</summary>
    public abstract string SizeText { get; }

    /// <summary>The kind, for people: such as <c>images</c>.</summary>
    public abstract string KindName { get; }

    /// <summary>The examples from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    public abstract Examples Slice(int first, int count);

    /// <summary>Appends the content to a digest. Equal content of one kind gives equal bytes; other content or another kind gives others.</summary>
    public abstract void AppendTo(IncrementalHash hash);

    /// <summary>One of the arrays that hold the examples, as it lies in memory: what is sent to another process. There are <see cref="Arrays"/>.</summary>
    public abstract ReadOnlySpan<byte> Array(int index);

    /// <summary>Number of arrays.</summary>
    public abstract int Arrays { get; }

    /// <summary>
    /// XXH3, 128 bits in hexadecimal, of header and arrays as they lie in memory. Tells sets apart as <see cref="Sha256"/> does, in a hundredth of
    /// the time, but does not withstand forgery.
    /// </summary>
    public string Digest()
    {
        var hash = new XxHash128();
        hash.Append(MemoryMarshal.AsBytes<int>([Header.Kind, Header.Count, Header.First, Header.Second, Header.Third]));
        for (int i = 0; i < Arrays; i++)
            hash.Append(Array(i));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>SHA-256 of the content (see <see cref="AppendTo"/>) in lower-case hexadecimal.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
