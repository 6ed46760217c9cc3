using System.Globalization;
using System.Text.Unicode;
using Lockstep.Model.Training;

namespace Lockstep.Coordinator.Tracing;

/// <summary>
/// The lines of <c>trace.txt</c>: <c>lockstep-trace 1</c>, <c>spec HASH</c>, <c>from STEP HASH</c>, then <c>STEP HASH CHAIN</c> for every
/// step after it.
/// </summary>
internal static class TraceFormat
{
    public const string Title = "lockstep-trace 1";

    /// <summary>Maximum length of a line, without its line feed.</summary>
    public const int MaxLineLength = 96;

    private const string SpecWord = "spec ", FromWord = "from ";

    public static string Header(UInt128 spec, long step, UInt128 weights) =>
        $"{Title}\n{SpecWord}{WeightsHash.ToHexString(spec)}\n{FromWord}{Number(step)} {WeightsHash.ToHexString(weights)}\n";

    /// <summary>Writes a line with its line feed. Called for every step, so it does not allocate.</summary>
    public static void Write(Stream stream, long step, UInt128 weights, UInt128 chain)
    {
        Span<byte> line = stackalloc byte[MaxLineLength + 1];
        if (!Utf8.TryWrite(line, CultureInfo.InvariantCulture, $"{step} {weights:x32} {chain:x32}\n", out int length))
            throw new InvalidOperationException($"The line of step {step} is longer than {MaxLineLength} bytes.");
        stream.Write(line[..length]);
    }

    public static bool TryReadSpec(string line, out UInt128 hash)
    {
        hash = default;
        return line.StartsWith(SpecWord, StringComparison.Ordinal) && TryReadHash(line.AsSpan(SpecWord.Length), out hash);
    }

    public static bool TryReadFrom(string line, out long step, out UInt128 hash)
    {
        (step, hash) = (0, default);
        return line.StartsWith(FromWord, StringComparison.Ordinal) && line[FromWord.Length..].Split(' ') is [var number, var text]
            && TryReadStep(number, out step) && TryReadHash(text, out hash);
    }

    public static bool TryRead(string line, out long step, out UInt128 weights, out UInt128 chain)
    {
        (step, weights, chain) = (0, default, default);
        return line.Split(' ') is [var number, var first, var second]
            && TryReadStep(number, out step) && TryReadHash(first, out weights) && TryReadHash(second, out chain);
    }

    private static bool TryReadStep(string text, out long step) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out step);

    private static bool TryReadHash(ReadOnlySpan<char> text, out UInt128 hash)
    {
        hash = default;
        return text.Length == WeightsHash.HexLength
            && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash);
    }

    private static string Number(long step) => step.ToString(CultureInfo.InvariantCulture);
}
