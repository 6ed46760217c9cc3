using System.Globalization;
using System.Numerics;

namespace Lockstep.Model.Specs;

/// <summary>The legal range of a number, and its wording in errors. NaN is in no range.</summary>
/// <param name="Min">The minimum.</param>
/// <param name="Max">The maximum.</param>
/// <param name="ExcludesMin">Whether <paramref name="Min"/> is illegal.</param>
/// <param name="ExcludesMax">Whether <paramref name="Max"/> is illegal.</param>
/// <param name="Words">Completes "expected ...".</param>
public sealed record NumberRange<T>(T Min, T Max, bool ExcludesMin, bool ExcludesMax, string Words)
    where T : struct, INumber<T>
{
    /// <summary>Whether a value is legal.</summary>
    public bool Contains(T value) =>
        (ExcludesMin ? value > Min : value >= Min) && (ExcludesMax ? value < Max : value <= Max);

    /// <summary>The problem of a value, such as <c>Momentum 1; expected a number from 0 to below 1.</c>; null if it is legal.</summary>
    /// <param name="what">The name of the value, which the message puts before it.</param>
    /// <param name="value">The value.</param>
    public string? Problem(string what, T value) =>
        Contains(value) ? null : string.Create(CultureInfo.InvariantCulture, $"{what} {value}; expected {Words}.");
}
