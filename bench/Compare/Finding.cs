namespace Lockstep.Bench.Compare;

/// <summary>One line of the table: a figure, and what it was computed from.</summary>
internal sealed record Finding
{
    /// <summary>Letter of the row; several findings may share it.</summary>
    public required string Row { get; init; }

    /// <summary>What the figure is, in words.</summary>
    public required string What { get; init; }

    /// <summary>The figure; null where it could not be measured.</summary>
    public Series? Figure { get; init; }

    /// <summary>What it should be; null where there is nothing to reach.</summary>
    public Goal? Goal { get; init; }

    /// <summary>What the figure was computed from, and what else was measured beside it.</summary>
    public IReadOnlyList<Series> Measured { get; init; } = [];

    /// <summary>How it was measured, what was verified before.</summary>
    public string Note { get; init; } = "";

    /// <summary>Why there is no figure.</summary>
    public string? Skipped { get; init; }
}
