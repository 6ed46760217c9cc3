namespace Lockstep.Sweeps;

/// <summary>What varies in a sweep, such as the learning rate, and the values it takes: either a list or a range.</summary>
/// <param name="Name">Its name.</param>
public sealed record SweepParameter(string Name)
{
    /// <summary>The values; empty with a <see cref="Range"/>.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Numbers to draw from, for <see cref="SweepSpace.Draw"/>; null with a list.</summary>
    public SweepRange? Range { get; init; }
}
