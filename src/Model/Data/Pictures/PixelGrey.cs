namespace Lockstep.Model.Data.Pictures;

/// <summary>Grey values of colours, and back, in integer arithmetic.</summary>
public static class PixelGrey
{
    private const int Red = 19595, Green = 38470, Blue = 7471, Half = 0x8000, Bits = 16;

    /// <summary>
    /// The luma of ITU-R BT.601 on the encoded values, as Pillow's mode L:
    /// (19595·red + 38470·green + 7471·blue + 2^15) / 2^16, rounded down.
    /// </summary>
    /// <param name="rgb">[pixels, 3].</param>
    /// <param name="grey">[pixels] receives the grey values.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<byte> grey)
    {
        CheckLengths(rgb.Length, grey.Length);
        for (int p = 0; p < grey.Length; p++)
            grey[p] = (byte)(Red * rgb[3 * p] + Green * rgb[3 * p + 1] + Blue * rgb[3 * p + 2] + Half >> Bits);
    }

    /// <summary>Repeats each grey value for red, green and blue.</summary>
    /// <param name="grey">[pixels].</param>
    /// <param name="rgb">[pixels, 3] receives the colours.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void ToRgb(ReadOnlySpan<byte> grey, Span<byte> rgb)
    {
        CheckLengths(rgb.Length, grey.Length);
        for (int p = 0; p < grey.Length; p++)
            rgb.Slice(3 * p, 3).Fill(grey[p]);
    }

    private static void CheckLengths(int rgb, int grey)
    {
        if (rgb != 3L * grey)
            throw new ArgumentException($"{rgb} values of colour for {grey} grey values; expected three for each.");
    }
}
