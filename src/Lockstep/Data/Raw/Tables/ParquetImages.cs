using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Parquet.Schema;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Pictures of a Parquet file, in memory as their files were.</summary>
internal sealed class ParquetImages : RawImages
{
    private readonly byte[][] _files;
    private readonly string?[]? _paths;
    private readonly Func<byte[], string, Pixels> _decode;

    private ParquetImages(
        string source, RawColumn labels, byte[][] files, string?[]? paths, Func<byte[], string, Pixels> decode)
        : base(source, labels)
    {
        _files = files;
        _paths = paths;
        _decode = decode;
    }

    /// <summary>Reads the bytes of all pictures.</summary>
    /// <param name="source">Path of the file.</param>
    /// <param name="file">The file.</param>
    /// <param name="bytes">The column of pictures.</param>
    /// <param name="paths">The column of their names; null without one.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="decode">Decodes a picture from its bytes and its name.</param>
    /// <exception cref="DatasetException">The file is damaged, or a picture is missing.</exception>
    public static ParquetImages Read(
        string source, ParquetFile file, DataField bytes, DataField? paths, RawColumn labels, Func<byte[], string, Pixels> decode)
    {
        int groups = file.GroupRows.Count;
        byte[]?[] files = [.. Enumerable.Range(0, groups).SelectMany(
            group => file.Read<byte[]?>(group, bytes, (reader, values) => reader.ReadAsync(bytes, values!)))];
        string?[]? names = paths is null ? null : [.. Enumerable.Range(0, groups).SelectMany(
            group => file.Read<string?>(group, paths, (reader, values) => reader.ReadAsync(paths, values!)))];
        int missing = Array.FindIndex(files, file => file is null or { Length: 0 });
        return missing < 0
            ? new ParquetImages(source, labels, files!, names, decode)
            : throw new DatasetException(
                $"{ForeignText.Printable(source)}: row {missing + 1} has no picture in column {ForeignText.Quote(bytes.Path.ToString())}.");
    }

    /// <inheritdoc/>
    public override string NameOf(int image) =>
        _paths?[image] is { Length: > 0 } path ? $"row {image + 1} ({ForeignText.Quote(path)})" : $"row {image + 1}";

    /// <inheritdoc/>
    public override Pixels Read(int image) => _decode(_files[image], $"{ForeignText.Printable(Source)}: {NameOf(image)}");
}
