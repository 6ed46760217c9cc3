namespace Lockstep.Cli.Results;

/// <summary>The result of <c>data info</c>.</summary>
/// <param name="Name">Name of the data set.</param>
/// <param name="From">Where it was found.</param>
/// <param name="Sha256">Digest of its content.</param>
/// <param name="Height">Pixels of an image's column.</param>
/// <param name="Width">Pixels of an image's row.</param>
/// <param name="Train">The images that are trained on.</param>
/// <param name="Validation">The images for choosing settings.</param>
/// <param name="Test">The images for the final figure.</param>
internal sealed record DatasetJson(
    string Name,
    string From,
    string Sha256,
    int Height,
    int Width,
    DatasetJson.ImageSplit Train,
    DatasetJson.ImageSplit Validation,
    DatasetJson.ImageSplit Test)
{
    /// <summary>One part of the images.</summary>
    /// <param name="Images">Their number.</param>
    /// <param name="NonZeroShare">Share of the pixels that are not 0.</param>
    /// <param name="Classes">Images of each class.</param>
    internal sealed record ImageSplit(int Images, double NonZeroShare, IReadOnlyList<int> Classes);
}
