namespace Lockstep.Data.Raw;

/// <summary>The parts of a data set as files or folders have them. All are of the same kind.</summary>
/// <param name="Training">The examples to train on, and those that are held out where there are no others.</param>
/// <param name="Validation">Examples for validation; null where there are none.</param>
/// <param name="Test">Examples for the test; null where there are none.</param>
internal sealed record RawParts(RawExamples Training, RawExamples? Validation, RawExamples? Test);
