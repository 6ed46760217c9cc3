using System.Globalization;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Options;

/// <summary>Learning rates for parameters by name; the last pattern that matches counts.</summary>
internal sealed record ParameterRates(IReadOnlyList<(NameGlobs Pattern, double Rate)> Rates)
{
    /// <summary>Reads <c>PATTERN=RATE</c>, separated by commas.</summary>
    /// <exception cref="FormatException">A part is no pattern with a rate above 0.</exception>
    public static ParameterRates Parse(string text)
    {
        var rates = new List<(NameGlobs, double)>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = part.LastIndexOf('=');
            if (equals < 1)
                throw new FormatException($"'{part}' is no pattern with a rate");
            if (!double.TryParse(part[(equals + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double rate)
                || !Ranges.LearningRate.Contains(rate))
                throw new FormatException($"the rate of '{part}' is not {Ranges.LearningRate.Words}");
            rates.Add((NameGlobs.Parse(part[..equals].Trim()), rate));
        }

        return new ParameterRates(rates);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        string.Join(',', Rates.Select(rate => string.Create(CultureInfo.InvariantCulture, $"{rate.Pattern}={rate.Rate}")));

    /// <summary>The rate for a name, or null.</summary>
    public double? Find(string name) =>
        Rates.Any(rate => rate.Pattern.Match(name)) ? Rates.Last(rate => rate.Pattern.Match(name)).Rate : null;
}
