using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Cluster.Tests.Health;

/// <summary>What <c>/metrics</c> answers, read as Prometheus reads its text format.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples = [];

    public Exposition(string text)
    {
        Assert.EndsWith("\n", text);
        foreach (string line in text.Split('\n')[..^1])
        {
            if (HelpLine().IsMatch(line))
                continue;
            if (TypeLine().Match(line) is { Success: true } type)
            {
                Types.Add(type.Groups["name"].Value, type.Groups["type"].Value);
                continue;
            }

            Match sample = SampleLine().Match(line);
            Assert.True(sample.Success, $"Not a line of the format: {line}");
            Assert.True(Types.ContainsKey(FamilyOf(sample.Groups["name"].Value)), $"A sample before its type: {line}");
            _samples.Add(
                sample.Groups["name"].Value + sample.Groups["labels"].Value,
                double.Parse(sample.Groups["value"].Value.Replace("Inf", "Infinity"), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Type of each metric.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>The value of a series, such as <c>name{label="value"}</c>.</summary>
    public double this[string series] => _samples.TryGetValue(series, out double value)
        ? value
        : throw new KeyNotFoundException($"There is no {series} among {string.Join(", ", _samples.Keys)}.");

    /// <summary>All series of a metric.</summary>
    public IEnumerable<string> SeriesOf(string name) =>
        _samples.Keys.Where(series => series == name || series.StartsWith(name + "{", StringComparison.Ordinal));

    /// <summary>The metric that a name in a sample or a query belongs to: histograms have three names.</summary>
    public string FamilyOf(string name)
    {
        string histogram = HistogramSuffix().Replace(name, "");
        return Types.GetValueOrDefault(histogram) == "histogram" ? histogram : name;
    }

    [GeneratedRegex(@"^# HELP [a-z_][a-z0-9_]* .+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE (?<name>[a-z_][a-z0-9_]*) (?<type>counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-z_][a-z0-9_]*)(?<labels>\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? (?<value>NaN|[+-]Inf|-?[0-9.]+(E[+-]?[0-9]+)?)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
