namespace Lockstep.Data.Raw.Pictures;

/// <summary>Turns and mirrors pictures as EXIF's orientation says.</summary>
internal static class PictureOrientation
{
    private const int AsItIs = 1, FirstTransposed = 5;

    /// <summary>Whether rows become columns.</summary>
    public static bool IsTransposed(int orientation) => orientation >= FirstTransposed;

    /// <summary>The picture as it is to be looked at.</summary>
    /// <param name="values">[height, width, channels] as stored.</param>
    /// <param name="height">Rows as stored.</param>
    /// <param name="width">Pixels of a row as stored.</param>
    /// <param name="channels">Values of a pixel.</param>
    /// <param name="orientation">1 to 8: the sides of the picture that its first row and its first column are.</param>
    /// <returns>The same array for 1; else [height, width, channels], or [width, height, channels] where that is transposed.</returns>
    public static byte[] Apply(byte[] values, int height, int width, int channels, int orientation)
    {
        if (orientation == AsItIs)
            return values;
        bool fromRight = orientation is 2 or 3 or 7 or 8, fromBelow = orientation is 3 or 4 or 6 or 7;
        bool isTransposed = IsTransposed(orientation);
        (int rows, int columns) = isTransposed ? (width, height) : (height, width);
        byte[] turned = new byte[values.Length];
        int at = 0;
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                (int row, int column) = isTransposed ? (x, y) : (y, x);
                int from = (fromBelow ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column);
                for (int channel = 0; channel < channels; channel++)
                    turned[at++] = values[from * channels + channel];
            }
        }

        return turned;
    }
}
