using System.Globalization;
using Lockstep.Model.Training;

namespace Lockstep.Coordinator.Runs;

/// <summary>
/// The lines of <c>trace.txt</c>: <c>lockstep-trace 1</c>, <c>spec HASH</c>, <c>from STEP HASH</c>, then <c>STEP HASH CHAIN</c> for every step after it.
/// </summary>
internal static class TraceFormat
{
    public const string Title = "lockstep-trace 1";

    /// <summary>No line is longer, without its line feed.</summary>
    public const int MaxLineLength = 96;

    private const string SpecWord = "spec ", FromWord = "from ";

    public static string Header(UInt128 spec, long step, UInt128 weights) =>
        $"{Title}\n{SpecWord}{WeightsHash.ToHexString(spec)}\n{FromWord}{Number(step)} {WeightsHash.ToHexString(weights)}\n";

    public static string Line(long step, UInt128 weights, UInt128 chain) =>
        $"{Number(step)} {WeightsHash.ToHexString(weights)} {WeightsHash.ToHexString(chain)}\n";

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

    private static bool TryReadStep(string text, out long step) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out step);

    private static bool TryReadHash(ReadOnlySpan<char> text, out UInt128 hash)
    {
        hash = default;
        return text.Length == WeightsHash.HexLength && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash);
    }

    private static string Number(long step) => step.ToString(CultureInfo.InvariantCulture);
}
