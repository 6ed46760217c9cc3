using Lockstep.Data.Raw.Arrays;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Data.Raw.Tables;
using Lockstep.Model.Data;
using Lockstep.Wording;

namespace Lockstep.Data.Raw;

/// <summary>Reads what a path holds, whatever its format.</summary>
/// <param name="columns">How the columns of tables are read.</param>
/// <param name="progress">Told what is read, a few times a second; on any thread.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class RawDataReader(ColumnKinds columns, Action<string>? progress, CancellationToken cancellationToken)
{
    /// <summary>Reads a file, or a folder with its parts.</summary>
    /// <param name="path">A table, a file of arrays, or a folder of pictures or of the parts of a data set.</param>
    /// <param name="validation">Path of the examples for validation, in place of such a part; null for none.</param>
    /// <param name="test">Path of the examples for the test, in place of such a part; null for none.</param>
    /// <param name="areLabelled">Whether arrays and pictures need labels; without them all examples have the label 0.</param>
    /// <exception cref="DatasetException">There is nothing that can be read; the message says what was found and expected.</exception>
    public RawParts Read(string path, string? validation = null, string? test = null, bool areLabelled = true)
    {
        RawParts parts = ReadParts(path, areLabelled);
        return Complete(parts, validation, test);
    }

    /// <summary>Adds held-out examples that have files of their own, in place of such parts.</summary>
    /// <param name="parts">What was read of the data.</param>
    /// <param name="validation">Path of the examples for validation; null for none.</param>
    /// <param name="test">Path of the examples for the test; null for none.</param>
    public RawParts Complete(RawParts parts, string? validation, string? test) => parts with
    {
        Validation = validation is null ? parts.Validation : ReadOne(validation),
        Test = test is null ? parts.Test : ReadOne(test),
    };

    private RawExamples ReadOne(string path)
    {
        RawParts parts = ReadParts(path);
        return !parts.AreSeveral
            ? parts.Training
            : throw new DatasetException($"'{path}' has parts of its own; expected the file or folder of one part.");
    }

    private RawParts ReadParts(string path, bool areLabelled = true)
    {
        if (!Directory.Exists(path))
            return ReadFile(path, areLabelled);
        var folder = PartFolder.Of(path);
        if (folder.Images is not null)
            return folder.ReadIdx();
        if (ArrayFile.HasForm(path))
            return ArrayFile.Read(path, areLabelled, columns.HasTargets);
        if (folder.Training is { } training)
            return new RawParts(
                ReadOne(training), folder.Validation is null ? null : ReadOne(folder.Validation),
                folder.Test is null ? null : ReadOne(folder.Test));
        if (!areLabelled && FolderFiles.FilesBelow(path).Any(FolderFiles.IsPicture))
            return new RawParts(ImageFolder.ReadUnlabelled(path), null, null);
        if (ImageFolder.HasForm(path))
            return new RawParts(ImageFolder.Read(path), null, null);
        if (folder.OnlyFile is { } file)
            return ReadFile(file, areLabelled);
        // Says which pictures are not read.
        return ImageFolder.HasFormOfOthers(path) ? new RawParts(ImageFolder.Read(path), null, null) : throw folder.Unknown();
    }

    private RawParts ReadFile(string path, bool areLabelled)
    {
        switch (DataFormat.Of(path))
        {
            case DataFormat.Kind.Arrays:
                return ArrayFile.Read(path, areLabelled, columns.HasTargets);
            case DataFormat.Kind.Parquet:
                RawExamples examples = ParquetTable.Read(path, columns.KindOf, columns.Label, PictureFile.Decode, Reading(path));
                columns.RefuseUnknown(path);
                return new RawParts(examples, null, null);
            case DataFormat.Kind.Idx:
                throw new DatasetException(
                    $"'{path}' is one IDX file; expected the folder with the files of images and of labels, such as "
                    + "train-images-idx3-ubyte and train-labels-idx1-ubyte.");
            default:
                RawTable table = CsvTable.Read(path, columns.KindOf, Reading(path));
                columns.RefuseUnknown(path);
                return new RawParts(table, null, null);
        }
    }

    private TableReading Reading(string path) => new()
    {
        Cancellation = cancellationToken,
        Wanted = columns.Wanted,
        Progress = progress is null ? null : (done, all) => progress($"reading '{path}': {Format.Bytes(done)} of {Format.Bytes(all)}"),
    };
}
