using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Random;

namespace Lockstep.Model.Augmenting;

/// <summary>
/// Noise that is nearly normal: the sum of four uniform bytes (Irwin-Hall), which has a standard deviation of √21,845 and ends at 3.45 of
/// them. In integers:
/// <code>
/// x = clamp(x + ((b0 + b1 + b2 + b3 - 510) · factor + 32,768) / 65,536, 0, 255), rounded down,
/// factor = round(noise · 255 · 65,536 / √21,845)
/// </code>
/// The bytes are those of word p mod 4 of block p / 4 for intensity p.
/// </summary>
internal static class PixelNoise
{
    private const int Mean = 4 * 255 / 2;

    /// <summary>The factor of a standard deviation, given as a share of 255.</summary>
    public static int FactorOf(double noise) => (int)Math.Round(noise * 255.0 * 65536.0 / Math.Sqrt(21845.0));

    /// <summary>Adds noise to the intensities of an image.</summary>
    /// <param name="pixels">The intensities.</param>
    /// <param name="factor">See <see cref="FactorOf"/>.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="example">Index of the image in the training set.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<byte> pixels, int factor, ulong seed, int epoch, int example)
    {
        int whole = pixels.Length & -4;
        for (int p = 0; p < whole; p += 4)
            Add(ref Unsafe.As<byte, uint>(ref pixels[p]), Block(p));
        if (whole == pixels.Length)
            return;
        uint last = 0;
        Span<byte> rest = MemoryMarshal.AsBytes(new Span<uint>(ref last));
        pixels[whole..].CopyTo(rest);
        Add(ref last, Block(whole));
        rest[..(pixels.Length - whole)].CopyTo(pixels[whole..]);

        Vector128<uint> Block(int p) =>
            Philox4x32.Block((uint)p / 4, (uint)example, (uint)epoch, AugmentationDraw.NoiseTag, seed);

        void Add(ref uint four, Vector128<uint> words)
        {
            Vector128<uint> pairs = (words & Vector128.Create(0x00FF00FFu)) + (words >> 8 & Vector128.Create(0x00FF00FFu));
            Vector128<int> sums = ((pairs + (pairs >> 16)) & Vector128.Create(0xFFFFu)).AsInt32();
            Vector128<int> noise = ((sums - Vector128.Create(Mean)) * factor + Vector128.Create(1 << 15)) >> 16;
            Vector128<byte> bytes = Vector128.CreateScalar(four).AsByte();
            Vector128<int> values = Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() + noise;
            values = Vector128.Min(Vector128.Max(values, Vector128<int>.Zero), Vector128.Create(255));
            four = Vector128.Narrow(Vector128.Narrow(values.AsUInt32(), default), default).AsUInt32().ToScalar();
        }
    }
}
