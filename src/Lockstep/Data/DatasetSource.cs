
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
    /// <summary>All four, in the order of the parameters.</summary>
    public IReadOnlyList<DatasetFile> Files => [TrainingImages, TrainingLabels, TestImages, TestLabels];
}
