using Lockstep.Model.Data;

namespace Lockstep.Coordinator.Data;

/// <summary>The images that workers train on, with the digest of their content.</summary>
internal sealed record TrainingImages(ImageSet Images, string Digest)
{
    /// <summary>The first images of a data set's training file.</summary>
    public static TrainingImages Of(Dataset data, int count)
    {
        ImageSet images = data.Training.Slice(0, count);
        return new TrainingImages(images, images.Digest());
    }
}
