using Lockstep.Model.Specs;

namespace Lockstep.Shared.Restoring;

/// <summary>Which parameters of a model take their values from a file, and what may be missing. Names are exact; nothing is guessed.</summary>
public sealed record RestoreRules
{
    /// <summary>Parameters of the model to restore; the others are initialised, and what the file has under their names is left there.</summary>
    public NameGlobs Include { get; init; } = NameGlobs.All;

    /// <summary>Parameters not to restore after all.</summary>
    public NameGlobs Exclude { get; init; } = NameGlobs.None;

    /// <summary>For tensors whose name in the file is not the parameter's: the parameter's name by that in the file.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>A parameter that the file does not have is initialised.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>A tensor that no parameter takes is left in the file.</summary>
    public bool AllowUnused { get; init; }

    /// <summary>A parameter that has another shape in the file is initialised.</summary>
    public bool AllowShapeMismatch { get; init; }

    /// <summary>Whether a name is to be restored.</summary>
    public bool Wants(string name) => Include.Match(name) && !Exclude.Match(name);
}
