using System.Globalization;

namespace Lockstep.Runs;

/// <summary>How often something is done: every so many steps or epochs; 0 is only at the end.</summary>
/// <param name="Count">Steps or epochs between two times, ≥ 0.</param>
/// <param name="InEpochs">Whether <paramref name="Count"/> counts epochs.</param>
public readonly record struct Cadence(long Count, bool InEpochs)
{
    /// <summary>Largest count.</summary>
    public const long MaxCount = 1_000_000_000;

    /// <summary>Steps between two times.</summary>
    public long Steps(int stepsPerEpoch) => InEpochs ? Count * stepsPerEpoch : Count;

    /// <summary>The cadence of a number of steps: in epochs, if they are whole ones.</summary>
    public static Cadence OfSteps(long steps, int stepsPerEpoch) =>
        steps % stepsPerEpoch == 0 ? new Cadence(steps / stepsPerEpoch, InEpochs: true) : new Cadence(steps, InEpochs: false);

    /// <summary>Reads <c>500</c>, <c>500steps</c> or <c>2epochs</c>; singular and spaces are fine.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static Cadence Parse(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        int unit = digits.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> name = unit < 0 ? "" : digits[unit..].Trim();
        if (unit >= 0)
            digits = digits[..unit];
        bool epochs = name is "epoch" or "epochs";
        if (!epochs && name is not ("" or "step" or "steps"))
            throw new FormatException(digits.IsEmpty ? "not a number of steps or epochs" : $"'{name}' is not a unit");
        if (digits.IsEmpty)
            throw new FormatException("not a number of steps or epochs");
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count) || count > MaxCount)
            throw new FormatException("out of range");
        return new Cadence(count, epochs);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Count == 0 ? "0" : $"{Count}{(InEpochs ? "epoch" : "step")}{(Count == 1 ? "" : "s")}";
}
