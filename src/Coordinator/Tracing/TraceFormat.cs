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

    public static string Header(Hash128 spec, long step, Hash128 weights) =>
        $"{Title}\n{SpecWord}{spec}\n{FromWord}{Number(step)} {weights}\n";

    /// <summary>Writes a line with its line feed. Called for every step, so it does not allocate.</summary>
    public static void Write(Stream stream, long step, Hash128 weights, Hash128 chain)
    {
        Span<byte> line = stackalloc byte[MaxLineLength + 1];
        if (!Utf8.TryWrite(
            line, CultureInfo.InvariantCulture,
            $"{step} {weights.Upper:x16}{weights.Lower:x16} {chain.Upper:x16}{chain.Lower:x16}\n", out int length))
            throw new InvalidOperationException($"The line of step {step} is longer than {MaxLineLength} bytes.");
        stream.Write(line[..length]);
    }

    public static bool TryReadSpec(string line, out Hash128 hash)
    {
        hash = default;
        return line.StartsWith(SpecWord, StringComparison.Ordinal) && Hash128.TryParse(line.AsSpan(SpecWord.Length), out hash);
    }

    public static bool TryReadFrom(string line, out long step, out Hash128 hash)
    {
        (step, hash) = (0, default);
        return line.StartsWith(FromWord, StringComparison.Ordinal) && line[FromWord.Length..].Split(' ') is [var number, var text]
            && TryReadStep(number, out step) && Hash128.TryParse(text, out hash);
    }

    public static bool TryRead(string line, out long step, out Hash128 weights, out Hash128 chain)
    {
        (step, weights, chain) = (0, default, default);
        return line.Split(' ') is [var number, var first, var second]
            && TryReadStep(number, out step) && Hash128.TryParse(first, out weights) && Hash128.TryParse(second, out chain);
    }

    private static bool TryReadStep(string text, out long step) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out step);

    private static string Number(long step) => step.ToString(CultureInfo.InvariantCulture);
}
