using System.Runtime.Intrinsics;
using Lockstep.Model.Random;

namespace Lockstep.Model.Data.Synthetic;

/// <summary>The random numbers of one image, in order: blocks 0, 1, 2, ... of the counter-based generator at the image's index.</summary>
internal struct ImageRandom(uint image, ulong seed)
{
    private Vector128<uint> _block;
    private uint _used;

    /// <summary>In [0, 1), a multiple of 2^-24.</summary>
    public float Uniform() => (Next() >> 8) * (1f / (1 << 24));

    /// <summary>In [low, high).</summary>
    public float Uniform(float low, float high) => low + (high - low) * Uniform();

    /// <summary>Bell-shaped with mean 0 and standard deviation 1, within ±3: a sum of three uniform numbers.</summary>
    public float Bell() => (Uniform() + Uniform() + Uniform() - 1.5f) * 2;

    /// <summary>In [0, range).</summary>
    public int Below(int range) => (int)(((ulong)Next() * (uint)range) >> 32);

    private uint Next()
    {
        if (_used % 4 == 0)
            _block = Philox4x32.Block(_used / 4, image, 0, Philox4x32.Tag(RandomPurpose.SyntheticDigits), seed);
        return _block.GetElement((int)(_used++ % 4));
    }
}
