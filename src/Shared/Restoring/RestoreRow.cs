namespace Lockstep.Shared.Restoring;

/// <summary>What becomes of a parameter of the model or of a tensor of the file.</summary>
public enum RestoreOutcome
{
    /// <summary>The parameter takes the tensor's values.</summary>
    Restored,

    /// <summary>The rules exclude the parameter; it is initialised.</summary>
    Excluded,

    /// <summary>The file lacks the parameter.</summary>
    Missing,

    /// <summary>The file has it with another shape.</summary>
    WrongShape,

    /// <summary>No parameter takes the tensor.</summary>
    Unused,
}

/// <summary>One row of a restore plan: a parameter, a tensor, or both.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Parameter">Name in the model; null for an unused tensor.</param>
/// <param name="Shape">Shape in the model; null for an unused tensor.</param>
/// <param name="Source">Name in the file; null if the file lacks it.</param>
/// <param name="SourceShape">Shape in the file; null if the file lacks it.</param>
/// <param name="IsAllowed">Whether the rules allow this outcome.</param>
public sealed record RestoreRow(
    RestoreOutcome Outcome, string? Parameter, IReadOnlyList<int>? Shape, string? Source, IReadOnlyList<int>? SourceShape, bool IsAllowed);
