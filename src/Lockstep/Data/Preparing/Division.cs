using Lockstep.Model.Specs;

namespace Lockstep.Data.Preparing;

/// <summary>Examples by what they are for, and what was found out on the way.</summary>
/// <param name="Training">Examples to train on.</param>
/// <param name="Validation">Examples for validation.</param>
/// <param name="Test">Examples for the test.</param>
/// <param name="Classes">The classes; empty where there are targets.</param>
/// <param name="Split">How the examples of one file were divided.</param>
internal sealed record Division(Part Training, Part Validation, Part Test, ClassTable Classes, SplitSpec Split)
{
    /// <summary>Column of classes; null where there is none.</summary>
    public string? Label { get; init; }

    /// <summary>Columns of targets; empty where there are classes.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The parts with their names in sentences.</summary>
    public IEnumerable<(string What, Part Part)> All =>
        [("training", Training), ("validation", Validation), ("the test", Test)];
}
