using Lockstep.Model.Specs;

namespace Lockstep.Shared.Restoring;

/// <summary>Which parameters of a model take their values from a file, and what may be missing. Names must match exactly.</summary>
public sealed record RestoreRules
{
    /// <summary>Parameters to restore. The others are initialised, and tensors with their names are ignored.</summary>
    public NameGlobs Include { get; init; } = NameGlobs.All;

    /// <summary>Exceptions from <see cref="Include"/>.</summary>
    public NameGlobs Exclude { get; init; } = NameGlobs.None;

    /// <summary>Renamed tensors: name in the file to name in the model.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether to initialise a parameter that the file lacks.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Whether to ignore a tensor that no parameter takes.</summary>
    public bool AllowUnused { get; init; }

    /// <summary>Whether to initialise a parameter that has another shape in the file.</summary>
    public bool AllowShapeMismatch { get; init; }

    /// <summary>Whether a name is to be restored.</summary>
    public bool Wants(string name) => Include.Match(name) && !Exclude.Match(name);
}
