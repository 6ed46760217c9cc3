using System.Text.RegularExpressions;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Parquet.Schema;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Reads a Parquet file: a table, or pictures with labels.</summary>
internal static partial class ParquetTable
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="kindOf">Name and position of a column to how it is read.</param>
    /// <param name="label">The column with the labels of pictures; null for the only other one, or that with the name <c>label</c>.</param>
    /// <param name="decode">Decodes a picture from its bytes and its name for messages; thread-safe.</param>
    /// <param name="reading">How to read; null for the defaults.</param>
    /// <returns>
    /// A <see cref="RawImages"/> if a column has pictures: bytes, or a structure with <c>bytes</c>, as Hugging Face writes; otherwise a
    /// <see cref="RawTable"/>.
    /// </returns>
    /// <exception cref="DatasetException">The file cannot be read, or has a column that is neither read nor ignored.</exception>
    public static RawExamples Read(
        string path, Func<string, int, ColumnKind> kindOf, string? label, Func<byte[], string, Pixels> decode, TableReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(kindOf);
        reading ??= new TableReading();
        using ParquetFile file = ParquetFile.Open(path);
        (Field Field, ColumnKind Kind)[] all = [.. file.Fields.Index()
            .Select(field => (field.Item, Kind: kindOf(field.Item.Name, field.Index)))
            .Where(field => !PandasIndex().IsMatch(field.Item.Name))];
        (Field Field, ColumnKind Kind)[] fields = [.. all.Where(field => field.Kind != ColumnKind.Ignored)];
        if (fields.Length == 0)
            throw Mistake(path, reading.NothingLeft([.. file.Fields.Select(field => field.Name)]));
        string[] pictures = [.. fields.Where(field => PictureOf(field.Field) is not null).Select(field => field.Field.Name)];
        if (pictures.Length > 1)
            throw Mistake(
                path, $"has {pictures.Length} columns of pictures: {Quoted(pictures)}. Keep one and leave the others out "
                + $"({ColumnAdvice.Ignore(pictures[^1])})");
        if (pictures.Length == 1)
            return Images(path, file, fields, pictures[0], label, decode);
        string[] nested = [.. fields.Where(field => field.Field is not DataField { IsArray: false }).Select(field => field.Field.Name)];
        if (nested.Length > 0)
            throw Mistake(
                path, $"has columns with lists or other nested values: {Quoted(nested)}. Write each value as a column of its own, or leave "
                + $"them out ({string.Join(' ', nested.Take(3).Select(ColumnAdvice.Ignore))})");
        if ((long)fields.Length * file.Rows > int.MaxValue)
            throw Mistake(path, $"has more than {int.MaxValue:N0} values: {fields.Length:N0} columns of {file.Rows:N0} rows");
        var columns = new List<RawColumn>();
        foreach ((Field field, ColumnKind kind) in fields)
        {
            reading.Cancellation.ThrowIfCancellationRequested();
            columns.Add(new ParquetColumn(path, file, (DataField)field, kind).Read());
            reading.Progress?.Invoke(columns.Count, fields.Length);
        }

        return new RawTable(path, columns) { Names = [.. all.Select(field => field.Field.Name)] };
    }

    /// <summary>The column of bytes that a field of pictures has; null for other fields.</summary>
    private static DataField? PictureOf(Field field) => field switch
    {
        DataField { IsArray: false } bytes when ParquetFile.IsBinary(bytes) => bytes,
        StructField pictures => pictures.Fields.OfType<DataField>().FirstOrDefault(
            child => child.Name == "bytes" && !child.IsArray && ParquetFile.IsBinary(child)),
        _ => null,
    };

    private static ParquetImages Images(
        string path, ParquetFile file, (Field Field, ColumnKind Kind)[] fields, string pictures, string? label,
        Func<byte[], string, Pixels> decode)
    {
        (Field Field, ColumnKind Kind)[] others = [.. fields.Where(field => field.Field.Name != pictures)];
        (Field Field, ColumnKind Kind)[] named = others.Length == 1 && label is null
            ? others
            : [.. others.Where(field => field.Field.Name == (label ?? "label"))];
        if (named is not [(DataField { IsArray: false } labels, ColumnKind kind)])
            throw Mistake(
                path, $"has pictures in column {ForeignText.Quote(pictures)}, but no column {ForeignText.Quote(label ?? "label")} with "
                + $"their classes. Other columns: {(others.Length == 0 ? "none" : Quoted([.. others.Select(field => field.Field.Name)]))}; "
                + "choose one by --label NAME");
        Field picture = fields.Single(field => field.Field.Name == pictures).Field;
        DataField? paths = (picture as StructField)?.Fields.OfType<DataField>().FirstOrDefault(
            child => child.Name == "path" && !child.IsArray && ParquetFile.IsText(child));
        return ParquetImages.Read(
            path, file, PictureOf(picture)!, paths, new ParquetColumn(path, file, labels, kind).Read(), decode);
    }

    private static string Quoted(string[] names) =>
        string.Join(", ", names.Take(5).Select(ForeignText.Quote)) + (names.Length > 5 ? $" and {names.Length - 5:N0} more" : "");

    private static DatasetException Mistake(string path, string problem) => new($"{ForeignText.Printable(path)} {problem}.");

    /// <summary>The index of a data frame, which pandas does not read as a column either.</summary>
    [GeneratedRegex(@"^__index_level_\d+__$")]
    private static partial Regex PandasIndex();
}
