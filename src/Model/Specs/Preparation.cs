namespace Lockstep.Model.Specs;

/// <summary>
/// How raw examples become a data set: everything that is needed to make the same examples again from the same files, and to make inputs of
/// other raw examples.
/// </summary>
public sealed record Preparation
{
    /// <summary>Maximum length of a name of a class, a column or a category, in characters.</summary>
    public const int MaxNameLength = 256;

    /// <summary>What an example is, and what becomes of it.</summary>
    public required InputSpec Inputs { get; init; }

    /// <summary>Names of the classes, at most <see cref="ModelSpec.MaxClasses"/>; class i has name i. Empty with targets.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Column of a table that holds the class; null where folders or a file of labels do, or there are targets.</summary>
    public string? Label { get; init; }

    /// <summary>Numbers to predict, one for each output; empty, the default, where there are classes.</summary>
    public IReadOnlyList<TargetSpec> Targets { get; init; } = [];

    /// <summary>Which examples are held out.</summary>
    public required SplitSpec Split { get; init; }
}
