using System.Globalization;
using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Preparing;

/// <summary>A table whose columns are the pixels of images.</summary>
internal sealed class PixelTable : RawImages
{
    private readonly RawTable _table;
    private readonly NumberValues[] _columns;
    private readonly ImageSize _size;

    private PixelTable(RawTable table, RawColumn labels, NumberValues[] columns, ImageSize size)
        : base(table.Source, labels)
    {
        _table = table;
        _columns = columns;
        _size = size;
    }

    /// <summary>
    /// The images of a table: where the user says their size, or the columns are called <c>pixel0</c>, <c>pixel1</c>, ... or <c>1x1</c>,
    /// <c>1x2</c>, ... and are as many as a square has.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="label">Its column of classes; null for a table without one, whose labels must not be read.</param>
    /// <param name="size">What the user says; null for nothing.</param>
    /// <returns>Null for a table of features.</returns>
    /// <exception cref="DatasetException">The columns do not have the size that the user says, or are no numbers.</exception>
    public static PixelTable? Of(RawTable table, RawColumn? label, ImageSize? size)
    {
        RawColumn[] columns = [.. table.Columns.Where(column => column != label)];
        if (size is null && SquareOf(columns) is not { } side)
            return null;
        else if (size is null)
            size = new ImageSize(SquareOf(columns)!.Value, SquareOf(columns)!.Value, 1);
        int channels = size.Channels ?? (columns.Length == 3 * size.Height * size.Width ? 3 : 1);
        if (columns.Length != size.Height * size.Width * channels)
            throw new DatasetException(
                $"'{table.Source}' has {columns.Length:N0} columns besides the label; images of {size} have "
                + $"{size.Height * size.Width * channels:N0} pixels. Give the size that they have with --image-size, or leave it out to train "
                + "on the columns as numbers.");
        if (columns.FirstOrDefault(column => column is not NumberValues) is { } text)
            throw new DatasetException($"'{table.Source}': the column {ForeignText.Quote(text.Name)} holds texts; expected pixels, 0 to 255.");
        return new PixelTable(table, label ?? columns[0], [.. columns.Cast<NumberValues>()], size with { Channels = channels });
    }

    public override string NameOf(int image) => $"{_table.Source}, {_table.PlaceOf(image)}";

    public override Pixels Read(int image)
    {
        byte[] pixels = new byte[_columns.Length];
        Span<double> value = stackalloc double[1];
        for (int i = 0; i < pixels.Length; i++)
        {
            _columns[i].CopyTo(image, value);
            if (value[0] is not (>= 0 and <= byte.MaxValue) || value[0] != Math.Truncate(value[0]))
                throw new DatasetException(
                    $"'{_table.Source}', {_table.PlaceOf(image)}: the column {ForeignText.Quote(_columns[i].Name)} has "
                    + $"{(double.IsNaN(value[0]) ? "no value" : value[0].ToString(CultureInfo.InvariantCulture))}; expected whole numbers from "
                    + "0 to 255, because the columns are taken for pixels.");
            pixels[i] = (byte)value[0];
        }

        return new Pixels(_size.Height, _size.Width, _size.Channels!.Value, pixels);
    }

    /// <summary>Side of the square that the columns' names speak of; null where they speak of none.</summary>
    private static int? SquareOf(RawColumn[] columns)
    {
        int side = (int)Math.Sqrt(columns.Length);
        if (side < 2 || side * side != columns.Length || columns.Any(column => column is not NumberValues))
            return null;
        bool isNumbered = columns.Select((column, i) => column.Name == $"pixel{i}" || column.Name == $"pixel{i + 1}").All(named => named);
        bool isPlaced = columns.Select((column, i) => column.Name == $"{i / side + 1}x{i % side + 1}").All(named => named);
        return isNumbered || isPlaced ? side : null;
    }
}
