
namespace Lockstep.Data;

/// <summary>The four files of a data set in one folder.</summary>
/// <param name="Directory">The folder.</param>
/// <param name="TrainingImages">Full path of the images of the training part.</param>
/// <param name="TrainingLabels">Full path of the labels of the training part.</param>
/// <param name="TestImages">Full path of the images of the test part.</param>
/// <param name="TestLabels">Full path of the labels of the test part.</param>
internal sealed record DatasetLocation(
    string Directory, string TrainingImages, string TrainingLabels, string TestImages, string TestLabels)
{
    /// <summary>All four.</summary>
    public IReadOnlyList<string> Paths => [TrainingImages, TrainingLabels, TestImages, TestLabels];
}
