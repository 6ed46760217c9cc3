namespace Lockstep.Data.Raw;

/// <summary>Images with labels.</summary>
/// <param name="source">Path that they were read from.</param>
/// <param name="labels">Class of each image.</param>
internal abstract class RawImages(string source, RawColumn labels) : RawExamples(source)
{
    /// <summary>Class of each image: texts, or whole numbers.</summary>
    public RawColumn Labels { get; } = labels;

    /// <summary>Number of images.</summary>
    public override int Count => Labels.Count;

    /// <summary>Name of an image for messages, such as the path of its file.</summary>
    public abstract string NameOf(int image);

    /// <summary>Decodes an image; thread-safe.</summary>
    /// <param name="image">Its index.</param>
    /// <exception cref="Model.Data.DatasetException">It is damaged, or too large.</exception>
    public abstract Pixels Read(int image);
}
