using System.Globalization;
using System.Numerics;
using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Parquet.Schema;

namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// Reads a column of a Parquet file: numbers and texts as they are, booleans as texts, dates as texts where texts are asked for.
/// </summary>
/// <param name="path">Path of the file, for messages.</param>
/// <param name="file">The file.</param>
/// <param name="field">The column.</param>
/// <param name="asked">How the caller wants it.</param>
internal sealed class ParquetColumn(string path, ParquetFile file, DataField field, ColumnKind asked)
{
    private readonly string _name = field.Name;

    /// <summary>Reads all row groups.</summary>
    /// <exception cref="DatasetException">The file is damaged, or the column is of a type that is not read.</exception>
    public RawColumn Read()
    {
        Type type = field.ClrType;
        return ParquetFile.IsText(field) ? asked == ColumnKind.Numbers ? NumbersOfTexts() : Texts(Strings())
            : type == typeof(bool) ? Booleans()
            : type == typeof(int) ? Numbers<int>()
            : type == typeof(long) ? Numbers<long>()
            : type == typeof(double) ? Numbers<double>()
            : type == typeof(float) ? Numbers<float>()
            : type == typeof(byte) ? Numbers<byte>()
            : type == typeof(sbyte) ? Numbers<sbyte>()
            : type == typeof(short) ? Numbers<short>()
            : type == typeof(ushort) ? Numbers<ushort>()
            : type == typeof(uint) ? Numbers<uint>()
            : type == typeof(ulong) ? Numbers<ulong>()
            : type == typeof(decimal) ? Numbers<decimal>()
            : type == typeof(DateTime) ? Dates<DateTime>("s")
            : type == typeof(DateOnly) ? Dates<DateOnly>("O")
            : type == typeof(TimeOnly) ? Dates<TimeOnly>("O")
            : type == typeof(TimeSpan) ? Dates<TimeSpan>("c")
            : type == typeof(Guid) ? Dates<Guid>("D")
            : throw Mistake($"is of type {type.Name}, which is not read. Leave it out ({ColumnAdvice.Ignore(_name)})");
    }

    private TextValues Booleans() => Texts(Values<bool>().Select(group => group.Select(
        value => value is null ? null : value.Value ? "true" : "false")));

    private RawColumn Numbers<T>()
        where T : struct, INumber<T>
    {
        if (asked == ColumnKind.Texts)
            return Texts(Values<T>().Select(group => group.Select(value => value?.ToString(null, CultureInfo.InvariantCulture))));
        return Pack(Values<T>().Select(group => group.Select(value => value is { } known ? double.CreateChecked(known) : double.NaN)));
    }

    private PackedNumbers NumbersOfTexts()
    {
        int row = 0;
        return Pack(Strings().Select(group => group.Select(text =>
        {
            row++;
            if (text is null)
                return double.NaN;
            FieldKind kind = FieldText.Read(Encoding.UTF8.GetBytes(text), takesComma: false, out double value);
            return kind is FieldKind.Number or FieldKind.Missing
                ? value
                : throw Mistake($"has {ForeignText.Quote(text)} in row {row}; expected numbers");
        })));
    }

    private TextValues Dates<T>(string format)
        where T : struct, IFormattable => asked == ColumnKind.Texts
        ? Texts(Values<T>().Select(group => group.Select(value => value?.ToString(format, CultureInfo.InvariantCulture))))
        : throw Mistake(
            $"has values of type {typeof(T).Name}, which are no numbers. Leave it out ({ColumnAdvice.Ignore(_name)}), or read each as a "
            + $"category ({ColumnAdvice.Categorical(_name)})");

    private PackedNumbers Pack(IEnumerable<IEnumerable<double>> groups)
    {
        var blocks = new List<Array>();
        int missing = 0, row = 0;
        foreach (IEnumerable<double> group in groups)
        {
            double[] values = [.. group];
            foreach (double value in values)
            {
                row++;
                missing += double.IsNaN(value) ? 1 : 0;
                if (double.IsInfinity(value))
                    throw Mistake($"has {value.ToString(CultureInfo.InvariantCulture)} in row {row}; expected finite numbers");
            }

            blocks.Add(PackedNumbers.Pack(values));
        }

        return new PackedNumbers(_name, blocks, missing);
    }

    private TextValues Texts(IEnumerable<IEnumerable<string?>> groups)
    {
        var texts = new TextCodes(path, _name);
        int[] codes = new int[file.Rows];
        int row = 0;
        foreach (IEnumerable<string?> group in groups)
        {
            foreach (string? text in group)
                codes[row++] = text is null ? -1 : texts.CodeOf(text);
        }

        return new TextValues(_name, texts.Texts, codes);
    }

    private IEnumerable<string?[]> Strings() => Enumerable.Range(0, file.GroupRows.Count).Select(
        group => file.Read<string?>(group, field, (reader, values) => reader.ReadAsync(field, values!)));

    private IEnumerable<IEnumerable<T?>> Values<T>()
        where T : struct => Enumerable.Range(0, file.GroupRows.Count).Select(group => field.IsNullable
        ? file.Read<T?>(group, field, (reader, values) => reader.ReadAsync(field, values))
        : file.Read<T>(group, field, (reader, values) => reader.ReadAsync(field, values)).Select(value => (T?)value));

    private DatasetException Mistake(string problem) =>
        new($"{ForeignText.Printable(path)}: column {ForeignText.Quote(_name)} {problem}.");
}
