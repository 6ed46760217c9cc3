using System.Globalization;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Preparing;

/// <summary>Makes images of a table whose columns are pixels.</summary>
internal static class PixelTable
{
    private const int Block = 512;

    /// <summary>
    /// The images of a table: where the user says their size, or the columns are called <c>pixel0</c>, <c>pixel1</c>, ... or <c>1x1</c>,
    /// <c>1x2</c>, ... and are as many as a square has.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="label">Its column of classes; null where it has none.</param>
    /// <param name="size">What the user says; null for nothing.</param>
    /// <returns>Null for a table of features.</returns>
    /// <exception cref="DatasetException">
    /// The columns do not have the size that the user says, or a value is no whole number from 0 to 255.
    /// </exception>
    public static ByteImages? Of(RawTable table, RawColumn? label, ImageSize? size)
    {
        RawColumn[] columns = [.. table.Columns.Where(column => column != label)];
        if (size is null)
        {
            if (SquareOf(columns) is not { } side)
                return null;
            size = new ImageSize(side, side, 1);
        }

        int channels = size.Channels ?? (columns.Length == 3 * size.Height * size.Width ? 3 : 1);
        int expected = size.Height * size.Width * channels;
        if (columns.Length != expected)
            throw new DatasetException(
                $"'{table.Source}' has {columns.Length:N0} columns besides the label; images of {size} have {expected:N0} values. Give the "
                + "size that they have with --image-size, or leave it out to train on the columns as numbers.");
        if (columns.FirstOrDefault(column => column is not NumberValues) is { } text)
            throw new DatasetException($"'{table.Source}': the column {ForeignText.Quote(text.Name)} holds texts; expected pixels, 0 to "
                + "255.");
        if ((long)table.Count * columns.Length > Array.MaxLength)
            throw new DatasetException(
                $"'{table.Source}' has {table.Count:N0} images of {size}; at most {Array.MaxLength:N0} values in all are supported.");
        byte[] pixels = Pixels(table, [.. columns.Cast<NumberValues>()]);
        RawColumn labels = label ?? new TextValues("", [""], new int[table.Count]);
        return new ByteImages(table.Source, labels, pixels, size.Height, size.Width, channels) { PlaceOf = table.PlaceOf };
    }

    /// <summary>[rows, columns] the numbers as bytes, a block of rows at a time, because a column is far from the next.</summary>
    private static byte[] Pixels(RawTable table, NumberValues[] columns)
    {
        byte[] pixels = new byte[table.Count * columns.Length];
        Blocks.ForEach((table.Count + Block - 1) / Block, block =>
        {
            int first = block * Block;
            double[] values = new double[Math.Min(Block, table.Count - first)];
            for (int column = 0; column < columns.Length; column++)
            {
                columns[column].CopyTo(first, values);
                for (int i = 0; i < values.Length; i++)
                    pixels[(first + i) * columns.Length + column] = Pixel(values[i], table, columns[column], first + i);
            }
        });
        return pixels;
    }

    private static byte Pixel(double value, RawTable table, RawColumn column, int row) =>
        value is >= 0 and <= byte.MaxValue && value == (byte)value
            ? (byte)value
            : throw new DatasetException(
                $"'{table.Source}', {table.PlaceOf(row)}: the column {ForeignText.Quote(column.Name)} has "
                + $"{(double.IsNaN(value) ? "no value" : value.ToString(CultureInfo.InvariantCulture))}; expected whole numbers from 0 "
                + "to 255, because the columns are taken for pixels.");

    /// <summary>Side of the square that the columns' names speak of; null where they speak of none.</summary>
    private static int? SquareOf(RawColumn[] columns)
    {
        int side = (int)Math.Sqrt(columns.Length);
        if (side < 2 || side * side != columns.Length || columns.Any(column => column is not NumberValues))
            return null;
        return columns.Index().All(column => column.Item.Name == $"pixel{column.Index}")
            || columns.Index().All(column => column.Item.Name == $"pixel{column.Index + 1}")
            || columns.Index().All(column => column.Item.Name == $"{column.Index / side + 1}x{column.Index % side + 1}")
            ? side
            : null;
    }
}
