using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Sweeps;

/// <summary>One combination of values.</summary>
/// <param name="Values">Each parameter's name and value, in their order.</param>
public sealed record SweepPoint(IReadOnlyList<KeyValuePair<string, string>> Values)
{
    private const int LongestName = 80;

    /// <summary>The value of a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public string this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, string> value in Values)
            {
                if (value.Key == name)
                    return value.Value;
            }

            string others = string.Join(", ", Values.Select(value => value.Key));
            throw new ArgumentException($"'{name}' does not vary; {others} do.", nameof(name));
        }
    }

    /// <summary>The value of a parameter as a number.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    /// <exception cref="FormatException">It is no number.</exception>
    public double Number(string name) => double.Parse(this[name], CultureInfo.InvariantCulture);

    /// <summary>
    /// A name for a folder, such as <c>learning-rate=0.1,seed=2</c>. Characters that a file name or a shell may not take become <c>_</c>;
    /// where any did, or the name would be too long, eight digits of a digest tell it apart from others.
    /// </summary>
    public string Name
    {
        get
        {
            string text = string.Join(',', Values.Select(value => $"{value.Key}={value.Value}"));
            string safe = string.Concat(text.Select(c => IsSafe(c) ? c : '_'));
            if (safe == text && text.Length <= LongestName)
                return text;
            string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
            return $"{safe[..Math.Min(safe.Length, LongestName)]}-{digest}";
        }
    }

    private static bool IsSafe(char c) => char.IsAsciiLetterOrDigit(c) || "-+.,=_".Contains(c, StringComparison.Ordinal);

    /// <summary>Names and values as text.</summary>
    public override string ToString() => string.Join(", ", Values.Select(value => $"{value.Key} {value.Value}"));
}
