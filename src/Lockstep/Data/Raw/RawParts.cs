namespace Lockstep.Data.Raw;

/// <summary>The parts of a data set as files or folders have them. All are of the same kind.</summary>
/// <param name="Training">The examples to train on, and those that are held out where there are no others.</param>
/// <param name="Validation">Examples for validation; null where there are none.</param>
/// <param name="Test">Examples for the test; null where there are none.</param>
internal sealed record RawParts(RawExamples Training, RawExamples? Validation, RawExamples? Test)
{
    /// <summary>Name of a part, as <c>--split</c> has it.</summary>
    public const string TrainingName = "train", ValidationName = "validation", TestName = "test";

    /// <summary>Names of the parts that there are.</summary>
    public IReadOnlyList<string> Names =>
        [.. new[] { TrainingName, ValidationName, TestName }.Where(name => Find(name) is not null)];

    /// <summary>Whether there are several parts.</summary>
    public bool AreSeveral => Validation is not null || Test is not null;

    /// <summary>A part by its name; null where there is none.</summary>
    public RawExamples? Find(string name) => name switch
    {
        TrainingName => Training,
        ValidationName => Validation,
        _ => Test,
    };
}
