using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>Identity of the data set by content, its split, and what its raw inputs were made into.</summary>
public sealed record DataSpec
{
    /// <summary>Name for people, such as <c>mnist</c>.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the whole data set's prepared content in lower-case hexadecimal (see <c>Dataset.Sha256</c>).</summary>
    public required string Sha256 { get; init; }

    /// <summary>Examples trained on: the first ones of the training part.</summary>
    public required int TrainingExamples { get; init; }

    /// <summary>Examples held out for validation: the last ones of the training part.</summary>
    public required int ValidationExamples { get; init; }

    /// <summary>How the examples were prepared; null for the data sets of the catalogue, which are as they are.</summary>
    public Preparation? Preparation { get; init; }

    /// <summary>What an output of a model of targets stands for; where data were not prepared, the output as it is.</summary>
    public TargetSpec TargetOf(int output) => Preparation is { Targets: { Count: > 0 } targets }
        ? targets[output]
        : new TargetSpec(string.Create(CultureInfo.InvariantCulture, $"target{output}"), Mean: 0, Deviation: 1);

    /// <summary>Name of a class for people; its number where classes have no names.</summary>
    public string ClassName(int label) =>
        Preparation?.Classes is { } names && label < names.Count ? names[label] : label.ToString(CultureInfo.InvariantCulture);
}
