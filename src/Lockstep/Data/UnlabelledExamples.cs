using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>Examples to predict.</summary>
/// <param name="Examples">The examples, all of class 0.</param>
/// <param name="Files">The file of each below the folder that was read; null where they are not in files of their own.</param>
/// <param name="Notices">What the user should know: a sentence each.</param>
internal sealed record UnlabelledExamples(Examples Examples, IReadOnlyList<string>? Files, IReadOnlyList<string> Notices);
