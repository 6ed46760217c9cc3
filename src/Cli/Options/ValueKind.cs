using System.Globalization;
using System.Net;
using System.Numerics;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Options;

/// <summary>One kind of option value: what is legal, said in words, and how text is read.</summary>
/// <param name="Legal">Completes "expected ...".</param>
/// <param name="Parse">Throws <see cref="FormatException"/> whose message says what is wrong with the text.</param>
internal sealed record ValueKind<T>(string Legal, Func<string, T> Parse)
{
    /// <summary>All legal values, for the completion of a shell; empty where there are too many.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>The kinds of values that options have.</summary>
internal static class ValueKind
{
    public static readonly ValueKind<bool> Flag = new("true or false", text => text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new FormatException("not true or false"),
    });

    public static readonly ValueKind<string> Path = new("a path", text =>
        text.Contains('\0', StringComparison.Ordinal) ? throw new FormatException("a path cannot contain a zero character") : text);

    /// <summary>A file that is written in one format.</summary>
    /// <param name="format">Its name.</param>
    /// <param name="extension">Its extension, in lower case.</param>
    public static ValueKind<string> FileOf(string format, string extension) => new($"a path that ends with {extension}", text =>
        text != "-" && System.IO.Path.GetExtension(Path.Parse(text)) is var given
        && (given.Length == 0 || given.Equals(extension, StringComparison.OrdinalIgnoreCase))
            ? text
            : throw new FormatException($"it is written as {format}"));

    public static readonly ValueKind<string> Text = new("a text", text => text);

    public static readonly ValueKind<string> Columns = new("names of columns, separated by commas", text => text);

    public static readonly ValueKind<Cadence> Cadence = new(
        "every so many steps or epochs, such as 500steps or 2epochs; a bare number is steps, 0 only at the end",
        Runs.Cadence.Parse);

    public static readonly ValueKind<HostPort> Endpoint = new(
        "an address with a port from 0 to 65535, such as 127.0.0.1:4053", text => HostPort.Parse(text, lowestPort: 0));

    /// <summary>An address that others connect to, with room for the port after it.</summary>
    public static readonly ValueKind<HostPort> PublicEndpoint = new(
        "an address with a port from 1 to 65534, such as 203.0.113.5:4053", text =>
    {
        var address = HostPort.Parse(text, lowestPort: 1);
        return address.Port < IPEndPoint.MaxPort
            ? address
            : throw new FormatException("the port after it, which the tensor stream has, would be 65536");
    });

    /// <summary>A 64-bit key.</summary>
    public static readonly ValueKind<ulong> Key = Integer(ulong.MinValue, ulong.MaxValue, $"0 to {ulong.MaxValue}");

    /// <summary>Finite numbers that satisfy <paramref name="inRange"/>, which <paramref name="legal"/> says in words.</summary>
    public static ValueKind<double> Real(string legal, Func<double, bool> inRange) => new(legal, text =>
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, style, CultureInfo.InvariantCulture, out double value) || double.IsNaN(value))
            throw new FormatException("not a number");
        return double.IsFinite(value) && inRange(value) ? value : throw new FormatException("out of range");
    });

    /// <summary>Numbers in a range of the run spec.</summary>
    public static ValueKind<double> Real(NumberRange<double> range) => Real(range.Words, range.Contains);

    /// <summary>Whole numbers from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static ValueKind<T> Integer<T>(T min, T max)
        where T : struct, INumber<T> =>
        Integer(min, max, $"{min:N0} to {max:N0}");

    /// <summary>Whole numbers in a range of the run spec.</summary>
    public static ValueKind<T> Integer<T>(NumberRange<T> range)
        where T : struct, INumber<T> =>
        Integer(range.Min, range.Max);

    /// <summary>One of a few names.</summary>
    public static ValueKind<string> Name(params string[] names) => new($"one of {string.Join(", ", names)}", text =>
    {
        if (names.Contains(text, StringComparer.Ordinal))
            return text;
        string? near = Spelling.Nearest(text, names);
        throw new FormatException(near is null ? "unknown" : $"unknown; did you mean {near}?");
    })
    { Names = names };

    private static ValueKind<T> Integer<T>(T min, T max, string range)
        where T : struct, INumber<T> => new($"a whole number from {range}", text =>
    {
        if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value))
            throw new FormatException("not a whole number");
        return value < Int128.CreateChecked(min) || value > Int128.CreateChecked(max)
            ? throw new FormatException("out of range")
            : T.CreateChecked(value);
    });
}
