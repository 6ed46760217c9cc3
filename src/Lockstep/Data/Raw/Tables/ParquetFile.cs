using System.Buffers.Binary;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// An open Parquet file. Sizes in it are claims, which are compared with the length of the file before memory is allocated. Whatever the
/// library throws for a damaged file becomes a <see cref="DatasetException"/>.
/// </summary>
internal sealed class ParquetFile : IDisposable
{
    private const int TrailerBytes = 8;
    private const int MaxFooterBytes = 1 << 28;
    private const int MinRowsOfGroup = 1 << 20;
    private const int MaxRowsPerByte = 64;
    private const int MaxExpansion = 1_000;
    private const long FreeBytes = 1 << 26;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ParquetReader _reader;

    private ParquetFile(string path, FileStream stream, ParquetReader reader)
    {
        _path = path;
        _stream = stream;
        _reader = reader;
    }

    /// <summary>Fields of the schema, in the order of the file.</summary>
    public IReadOnlyList<Field> Fields { get; private set; } = [];

    /// <summary>Rows of all groups.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows of each group.</summary>
    public IReadOnlyList<int> GroupRows { get; private set; } = [];

    /// <summary>Whether a column has texts.</summary>
    public static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    /// <summary>Whether a column has bytes.</summary>
    public static bool IsBinary(DataField field) => field.ClrType == typeof(byte[]) || field.ClrType == typeof(ReadOnlyMemory<byte>);

    /// <summary>Opens a file and reads its schema.</summary>
    /// <exception cref="DatasetException">It is damaged, or no Parquet file.</exception>
    public static ParquetFile Open(string path)
    {
        FileStream stream = DataFile.Open(path, TableFile.Expected, TableFile.BufferBytes);
        try
        {
            return Guard(path, () =>
            {
                VerifyEnds(path, stream);
                var file = new ParquetFile(path, stream, ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult());
                file.VerifySizes();
                return file;
            });
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a column of a group.</summary>
    /// <typeparam name="T">What the library reads.</typeparam>
    /// <param name="group">Index of the group.</param>
    /// <param name="field">The column.</param>
    /// <param name="read">Calls the library.</param>
    /// <exception cref="DatasetException">The file is damaged.</exception>
    public T[] Read<T>(int group, DataField field, Func<ParquetRowGroupReader, Memory<T>, ValueTask> read) => Guard(_path, () =>
    {
        using ParquetRowGroupReader reader = _reader.OpenRowGroupReader(group);
        ColumnMetaData chunk = reader.GetMetadata(field)?.MetaData ?? throw new InvalidDataException($"Group {group} lacks a column.");
        if (chunk.NumValues != GroupRows[group] || chunk.TotalCompressedSize < 0 || chunk.TotalCompressedSize > _stream.Length
            || (chunk.TotalUncompressedSize > FreeBytes && chunk.TotalUncompressedSize / MaxExpansion > _stream.Length))
        {
            throw new InvalidDataException($"The sizes of a column in group {group} do not fit the file.");
        }

        long start = Math.Min(chunk.DataPageOffset, chunk.DictionaryPageOffset is > 0 and { } offset ? offset : long.MaxValue);
        ParquetPages.Check(_stream, start, chunk.TotalCompressedSize);
        var values = new T[GroupRows[group]];
        read(reader, values).AsTask().GetAwaiter().GetResult();
        return values;
    });

    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private static void VerifyEnds(string path, FileStream stream)
    {
        byte[] head = ForeignContent.HeadOf(stream);
        if (!head.AsSpan().StartsWith("PAR1"u8))
        {
            string kind = head.AsSpan().StartsWith("PARE"u8) ? "is an encrypted Parquet file, which cannot be read"
                : ForeignContent.Predicate(head) ?? "begins otherwise";
            throw new DatasetException($"{ForeignText.Printable(path)} is no Parquet file: it {kind}.");
        }

        Span<byte> trailer = stackalloc byte[TrailerBytes];
        stream.Position = Math.Max(0, stream.Length - TrailerBytes);
        stream.ReadExactly(trailer);
        if (!trailer[4..].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("Its end is missing.");
        uint footer = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (footer > Math.Min(MaxFooterBytes, stream.Length - TrailerBytes - 4))
            throw new InvalidDataException("Its footer is larger than the file.");
        byte[] metadata = new byte[footer];
        stream.Position = stream.Length - TrailerBytes - footer;
        stream.ReadExactly(metadata);
        new ThriftCheck(metadata).Structure("FileMetaData");
        stream.Position = 0;
    }

    private void VerifySizes()
    {
        var rows = new List<int>();
        long all = 0;
        foreach (RowGroup group in _reader.Metadata?.RowGroups ?? [])
        {
            if (group.NumRows < 0 || group.NumRows > Math.Max(MinRowsOfGroup, MaxRowsPerByte * _stream.Length))
                throw new InvalidDataException($"It claims {group.NumRows:N0} rows in one group, too many for {_stream.Length:N0} bytes.");
            all += group.NumRows;
            if (all > int.MaxValue)
                throw new DatasetException($"{ForeignText.Printable(_path)} has more than {int.MaxValue:N0} rows, the maximum.");
            rows.Add((int)group.NumRows);
        }

        if (all == 0)
            throw new DatasetException($"{ForeignText.Printable(_path)} has no rows.");
        Fields = _reader.Schema.Fields;
        GroupRows = rows;
        Rows = (int)all;
    }

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (DatasetException or OperationCanceledException))
        {
            bool hasWords = e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException
                or ParquetException;
            string reason = hasWords ? ForeignText.Printable(e.Message) : "its content makes no sense";
            throw new DatasetException(
                $"{ForeignText.Printable(path)} cannot be read as Parquet: {reason.TrimEnd('.')}. It is damaged, or of an unusual kind; "
                + "copy it again, or write it again with pandas or pyarrow.", e);
        }
    }
}
