using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Data.Preparing;

/// <summary>A prepared data set as the cache has it.</summary>
/// <param name="Spec">Its identity, split and preparation.</param>
/// <param name="Training">The training part, the examples for validation last.</param>
/// <param name="Test">The test part.</param>
/// <param name="Notices">What the user should know.</param>
internal sealed record PreparedData(DataSpec Spec, Examples Training, Examples Test, IReadOnlyList<string> Notices)
{
    /// <summary>A data set that was loaded.</summary>
    public static PreparedData Of(LoadedDataset loaded) =>
        new(loaded.Data.ToSpec(), loaded.Data.Training, loaded.Data.Test, loaded.Notices);

    /// <summary>The data set as it was loaded.</summary>
    /// <param name="path">File or folder that it was made from.</param>
    public LoadedDataset ToLoaded(string path) => new(
        new Dataset(Spec.Name, Training, Test, Spec.ValidationExamples, Spec.Sha256) { Path = path, Preparation = Spec.Preparation },
        System.IO.Path.GetFullPath(path),
        Notices);
}
