namespace Lockstep.Data;

/// <summary>A published data set: four IDX files and the mirrors that have them.</summary>
/// <param name="Name">As <c>--dataset</c> takes it.</param>
/// <param name="Title">As people write it.</param>
/// <param name="Mirrors">Base addresses, the preferred one first; each ends with a slash.</param>
/// <param name="TrainingImages">Images of the training part.</param>
/// <param name="TrainingLabels">Labels of the training part.</param>
/// <param name="TestImages">Images of the test part.</param>
/// <param name="TestLabels">Labels of the test part.</param>
public sealed record DatasetSource(
    string Name, string Title, IReadOnlyList<Uri> Mirrors,
    DatasetFile TrainingImages, DatasetFile TrainingLabels, DatasetFile TestImages, DatasetFile TestLabels)
{
    /// <summary>
    /// SHA-256 of the content of the test part (<see cref="Lockstep.Model.Data.Examples.Sha256"/>), by which its files are recognised
    /// whatever they are called; null where it is not known.
    /// </summary>
    public string? TestSha256 { get; init; }

    /// <summary>Beginnings of the names of other data sets of the same form that stand in for it in a folder of the user's.</summary>
    internal IReadOnlyList<string> Prefixes { get; init; } = [];

    /// <summary>Name of the folder that torchvision puts its files into.</summary>
    internal string TorchvisionFolder => Title.Replace("-", "", StringComparison.Ordinal);

    /// <summary>All four, in the order of the parameters.</summary>
    public IReadOnlyList<DatasetFile> Files => [TrainingImages, TrainingLabels, TestImages, TestLabels];
}
