namespace Lockstep.Bench.Compare;

/// <summary>What a row of the table is to reach, and what would be better still.</summary>
internal sealed record Goal(double Must, double? Stretch, bool AtLeast)
{
    public static Goal Least(double must, double? stretch = null) => new(must, stretch, AtLeast: true);

    public static Goal Most(double must, double? stretch = null) => new(must, stretch, AtLeast: false);

    public bool IsMet(double value) => Meets(value, Must);

    public bool IsStretchMet(double value) => Stretch is { } stretch && Meets(value, stretch);

    public override string ToString()
    {
        string sign = AtLeast ? "≥" : "≤";
        return Stretch is { } stretch ? $"{sign} {Must:0.##} ({stretch:0.##})" : $"{sign} {Must:0.##}";
    }

    private bool Meets(double value, double bound) => AtLeast ? value >= bound : value <= bound;
}
