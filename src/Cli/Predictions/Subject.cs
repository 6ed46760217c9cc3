using Lockstep.Model.Data;

namespace Lockstep.Cli.Predictions;

/// <summary>Something to show to a network.</summary>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Example">What the network sees: a set of one example.</param>
internal sealed record Subject(string Name, Examples Example)
{
    /// <summary>The file it was read from; null for an example of a data set.</summary>
    public string? File { get; init; }

    /// <summary>Its number in the data set; null for a file.</summary>
    public int? Index { get; init; }

    /// <summary>What it is, where that is known.</summary>
    public int? Label { get; init; }

    /// <summary>What was found in a picture that makes the answer doubtful; each completes "the picture ...".</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
