using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>What a file is to a run that may not have been trained on it.</summary>
/// <param name="Own">The data set of the run; null where the file is another one.</param>
/// <param name="Examples">The examples of another file; null where it is the run's.</param>
/// <param name="Part">Name of the part that they are; null for all of the file.</param>
/// <param name="Notices">What the user should know of them: a sentence each.</param>
internal sealed record OtherExamples(LoadedDataset? Own, Examples? Examples, string? Part, IReadOnlyList<string> Notices);
