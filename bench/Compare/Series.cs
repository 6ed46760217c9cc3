using System.Text.Json.Serialization;

namespace Lockstep.Bench.Compare;

/// <summary>What was measured of one thing, round by round.</summary>
/// <param name="Name">What.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="Values">One of each round, in their order.</param>
internal sealed record Series(string Name, string Unit, IReadOnlyList<double> Values)
{
    public double Median
    {
        get
        {
            double[] sorted = [.. Values.Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    public double Min => Values.Min();

    public double Max => Values.Max();

    /// <summary>Median, and from where to where.</summary>
    [JsonIgnore]
    public string Text =>
        Values.Count == 1 ? $"{Number(Median)} {Unit}".Trim() : $"{Number(Median)} ({Number(Min)} to {Number(Max)}) {Unit}".Trim();

    /// <summary>Round by round, this over another: what drifts with the machine's speed falls out.</summary>
    public Series Over(Series other, string name) => new(name, "", [.. Values.Zip(other.Values, (mine, theirs) => mine / theirs)]);

    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0"),
        >= 100 => value.ToString("0"),
        >= 10 => value.ToString("0.0"),
        _ => value.ToString("0.00"),
    };
}
