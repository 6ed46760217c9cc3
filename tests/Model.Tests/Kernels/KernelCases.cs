using Lockstep.Model.Random;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

/// <summary>Operands that are awkward, and comparison of one kernel's forms bit for bit.</summary>
internal static class KernelCases
{
    /// <summary>What the operands contain.</summary>
    public enum Content
    {
        /// <summary>Numbers between -1 and 1, some of them zero.</summary>
        Ordinary,

        /// <summary>Also -0, denormal, tiny and huge numbers: sums round, cancel, underflow and overflow.</summary>
        Extreme,

        /// <summary>Also infinities and NaN.</summary>
        NonFinite,
    }

    public static readonly Content[] Contents = Enum.GetValues<Content>();

    public static float[] Values(int length, Content content, uint salt)
    {
        var values = new float[length];
        for (uint i = 0; i < length; i++)
        {
            var words = Philox4x32.Block(i, salt, 0, 0, 2024);
            float ordinary = words[0] % 8 == 0 ? 0f : (int)words[1] * (1f / (1u << 31));
            values[i] = (content, words[2] % 64) switch
            {
                (Content.Ordinary, _) => ordinary,
                (_, 0) => -0f,
                (_, 1) => float.Epsilon * (1 + words[3] % 1000),
                (_, 2) => -float.Epsilon,
                (_, 3) => 1e-38f * ordinary,
                (_, 4) => 3e38f * ordinary,
                (_, 5) => 1e-20f * ordinary,
                (_, 6) => -1e-20f,
                (Content.NonFinite, 7) => float.PositiveInfinity,
                (Content.NonFinite, 8) => float.NegativeInfinity,
                (Content.NonFinite, 9) => float.NaN,
                _ => ordinary,
            };
        }

        return values;
    }

    /// <summary>
    /// Runs every available form on its own guarded copies of the operands and demands the bits of the scalar reference.
    /// All NaN count as equal: which payload survives is the processor's choice.
    /// </summary>
    /// <param name="what">Said on failure.</param>
    /// <param name="run">Gets the form and the operands, and changes some of them.</param>
    /// <param name="operands">Their content.</param>
    public static void AssertEqualBits(string what, Action<SimdWidth, GuardedFloats[]> run, params float[][] operands)
    {
        uint[][] expected = Run(SimdWidth.Scalar, atEnd: true);
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            foreach (bool atEnd in new[] { true, false })
            {
                uint[][] actual = Run(width, atEnd);
                for (int i = 0; i < expected.Length; i++)
                {
                    for (int j = 0; j < expected[i].Length; j++)
                    {
                        if (expected[i][j] != actual[i][j])
                            Assert.Fail(
                                $"{what}, {width}: operand {i}[{j}] is {actual[i][j]:X8}, the scalar reference gives {expected[i][j]:X8}.");
                    }
                }
            }
        }

        uint[][] Run(SimdWidth width, bool atEnd)
        {
            GuardedFloats[] guarded = [.. operands.Select(operand => new GuardedFloats(operand, atEnd))];
            try
            {
                run(width, guarded);
                return [.. guarded.Select(operand => Canonical(operand.Span))];
            }
            finally
            {
                foreach (GuardedFloats operand in guarded)
                    operand.Dispose();
            }
        }
    }

    /// <summary>The bits of values, those of all NaN the same.</summary>
    public static uint[] Canonical(ReadOnlySpan<float> values)
    {
        var bits = new uint[values.Length];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = float.IsNaN(values[i]) ? 0x7FC00000 : BitConverter.SingleToUInt32Bits(values[i]);
        return bits;
    }
}
