using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Data;

/// <summary>Labelled examples of one shape, by index. Each kind, such as <see cref="ImageSet"/>, has its own storage.</summary>
public abstract class Examples
{
    /// <summary>Maximum size of one array in bytes, so that each is one span.</summary>
    public const int MaxArrayBytes = int.MaxValue;

    /// <summary>Number of examples.</summary>
    public abstract int Count { get; }

    /// <summary>Shape of one example.</summary>
    public abstract TensorShape Shape { get; }

    /// <summary>Class of each example; 0 each where they have targets.</summary>
    public abstract ReadOnlySpan<byte> Labels { get; }

    /// <summary>Numbers to predict of an example; 0 for examples that have classes.</summary>
    public virtual int Outputs => 0;

    /// <summary>[count, outputs] numbers to predict, row-major, all finite; empty for examples that have classes.</summary>
    public virtual ReadOnlySpan<float> Targets => default;

    /// <summary>One more than the largest label; 0 for no examples.</summary>
    public int Classes => Count == 0 ? 0 : TensorPrimitives.Max(Labels) + 1;

    /// <summary>The announcement sent to another process before the arrays; received by <see cref="IncomingExamples"/>.</summary>
    public abstract ExamplesHeader Header { get; }

    /// <summary>The size of an example, for people: such as <c>28 x 28 = 784 pixels</c>.</summary>
    public abstract string SizeText { get; }

    /// <summary>Name of the kind, for people: such as <c>images</c>.</summary>
    public abstract string KindName { get; }

    /// <summary>The <paramref name="count"/> examples from <paramref name="first"/> on.</summary>
    public abstract Examples Slice(int first, int count);

    /// <summary>
    /// Appends the content to a digest. Equal content of one kind gives equal bytes; different content or kinds give different bytes.
    /// </summary>
    public abstract void AppendTo(IncrementalHash hash);

    /// <summary>
    /// One of the <see cref="Arrays"/> that hold the examples, as it lies in memory: what is sent to another process. The last is the
    /// content, example after example; those before it are its index, a few bytes an example.
    /// </summary>
    public abstract ReadOnlySpan<byte> Array(int index);

    /// <summary>Number of arrays.</summary>
    public abstract int Arrays { get; }

    /// <summary>An example's part of the last array.</summary>
    public abstract ReadOnlySpan<byte> Content(int example);

    /// <summary>
    /// XXH3, 128 bits in hexadecimal, of the header and the arrays as they lie in memory. Distinguishes sets like <see cref="Sha256"/> in a
    /// hundredth of the time, but does not resist forgery.
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
