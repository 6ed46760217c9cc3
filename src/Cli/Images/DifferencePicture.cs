using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Images;

/// <summary>Where two tensors of one shape differ: a square for each value, the stronger the larger the difference.</summary>
internal static class DifferencePicture
{
    private const int MostCells = 400, Smallest = 1, Largest = 16, Target = 560;

    /// <summary>
    /// Draws the longer side of a matrix (of a tensor: its last dimension, and all others) to the right. Of more than 400 rows or columns,
    /// neighbours share a square, which shows the largest of their differences. Blue: the second is smaller; red: larger; grey: nothing
    /// differs, to the bit.
    /// </summary>
    public static byte[] Draw(NamedTensor first, NamedTensor second)
    {
        int last = first.Shape.Count == 0 ? 1 : first.Shape[^1], others = first.Values.Length / Math.Max(1, last);
        (int rows, int columns) = last >= others ? (others, last) : (last, others);
        int down = (rows + MostCells - 1) / MostCells, across = (columns + MostCells - 1) / MostCells;
        int height = (rows + down - 1) / down, width = (columns + across - 1) / across;
        var cells = new double[height * width];
        var differs = new bool[height * width];
        for (int i = 0; i < first.Values.Length; i++)
        {
            (int row, int column) = last >= others ? (i / last, i % last) : (i % last, i / last);
            int cell = row / down * width + column / across;
            double difference = second.Values[i] - first.Values[i];
            differs[cell] |= BitConverter.SingleToInt32Bits(first.Values[i]) != BitConverter.SingleToInt32Bits(second.Values[i]);
            if (double.IsNaN(difference) || Math.Abs(difference) > Math.Abs(cells[cell]))
                cells[cell] = difference;
        }

        double most = cells.Max(Math.Abs);
        int side = Math.Clamp(Target / Math.Max(height, width), Smallest, Largest);
        using var picture = new Picture(width * side, height * side, Palette.Faint);
        for (int cell = 0; cell < cells.Length; cell++)
        {
            // The cube root shows small differences beside large ones.
            if (differs[cell])
                picture.Fill(
                    cell % width * side, cell / width * side, side, side, Palette.Diverging(Math.Cbrt(most > 0 ? cells[cell] / most : 1)));
        }

        return picture.ToPng();
    }
}
