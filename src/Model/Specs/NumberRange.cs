using System.Globalization;
using System.Numerics;

namespace Lockstep.Model.Specs;

/// <summary>Legal values of a number, and the words in which every error says them. NaN is in no range.</summary>
/// <param name="Min">The least value.</param>
/// <param name="Max">The largest value.</param>
/// <param name="ExcludesMin">Whether <paramref name="Min"/> itself is not legal.</param>
/// <param name="ExcludesMax">Whether <paramref name="Max"/> itself is not legal.</param>
/// <param name="Words">Completes "expected ...".</param>
public sealed record NumberRange<T>(T Min, T Max, bool ExcludesMin, bool ExcludesMax, string Words)
    where T : struct, INumber<T>
{
    /// <summary>Whether a value is legal.</summary>
    public bool Contains(T value) =>
        (ExcludesMin ? value > Min : value >= Min) && (ExcludesMax ? value < Max : value <= Max);

    /// <summary>What is wrong with a value, such as <c>Momentum 1; expected a number from 0 to below 1.</c>; null if it is legal.</summary>
    /// <param name="what">What has the value; the value follows it.</param>
    /// <param name="value">The value.</param>
    public string? Problem(string what, T value) => Contains(value) ? null : string.Create(CultureInfo.InvariantCulture, $"{what} {value}; expected {Words}.");
}
