using Lockstep.Model.Data;
using Lockstep.Shared.Files;
using Lockstep.Shared.Interchange;

namespace Lockstep.Data.Raw.Arrays;

/// <summary>Examples in IDX files of any type and shape, raw or gzip.</summary>
internal static class IdxExamples
{
    /// <summary>Reads examples and their labels.</summary>
    /// <param name="valuesPath">
    /// The examples: images where they are bytes in three dimensions, or in four with 1 or 3 channels; otherwise a table.
    /// </param>
    /// <param name="labelsPath">
    /// The labels: integers in one dimension, or in two of which the first column is the class, as QMNIST has them.
    /// </param>
    /// <exception cref="DatasetException">A file cannot be read, is damaged or of another kind, or the two do not match.</exception>
    public static RawExamples Read(string valuesPath, string labelsPath)
    {
        DenseArray labels = ReadFile(labelsPath);
        if (labels.IsFloat || labels.Shape.Length > 2)
        {
            throw new DatasetException(
                $"'{labelsPath}': IDX of {labels.Type} in {labels.Shape.Length} dimensions; expected labels: integers in 1 dimension, or "
                    + "in 2 with the class in the first column.");
        }

        DenseArray values = ReadFile(valuesPath);
        return values.Shape[0] == labels.Shape[0]
            ? ArrayExamples.Of(values, ArrayLabels.Of(labels, labelsPath, firstColumn: true), valuesPath)
            : throw new DatasetException(
                $"'{valuesPath}' has {values.Shape[0]:N0} examples, but '{labelsPath}' has {labels.Shape[0]:N0} labels. The two files do "
                    + "not belong together; take both from the same data set and the same part of it.");
    }

    private static DenseArray ReadFile(string path)
    {
        try
        {
            using FileStream file = DataFile.Open(path, "an IDX file");
            IdxArray array = IdxFile.ReadArray(file, path);
            ElementType type = array.Type switch
            {
                IdxType.UnsignedByte => ElementType.UInt8,
                IdxType.SignedByte => ElementType.Int8,
                IdxType.Signed16 => ElementType.Int16,
                IdxType.Signed32 => ElementType.Int32,
                IdxType.Real32 => ElementType.Float32,
                _ => ElementType.Float64,
            };
            return new DenseArray(Path.GetFileName(path), type, ElementReader.SizeOf(type), [.. array.Shape], array.Values);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"'{path}' cannot be read: {BoundedFile.ReasonOf(path, e)}. Give an IDX file that you may read.", e);
        }
    }
}
