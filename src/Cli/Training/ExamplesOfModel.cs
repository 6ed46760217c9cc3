using Lockstep.Model.Data;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Examples that a model is evaluated on.</summary>
/// <param name="Name">Name of the data set, or the path of a file that the model was not trained on.</param>
/// <param name="Sha256">Digest of that data set, or of all examples of that file.</param>
/// <param name="Split">Which part of the data set or file; null for all of a file.</param>
/// <param name="Examples">The examples.</param>
internal sealed record ExamplesOfModel(string Name, string Sha256, string? Split, Examples Examples)
{
    /// <summary>Such as <c>10,000 test images of mnist</c>.</summary>
    public string Words => Split is null
        ? $"all {Format.Count(Examples.Count)} {Examples.KindName} of {Name}"
        : $"{Format.Count(Examples.Count)} {Split} {Examples.KindName} of {Name}";
}
