using Lockstep.Model.Data.Pictures;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>Brings pictures to one size and number of channels; the same bytes on every processor.</summary>
internal static class PictureSize
{
    /// <summary>
    /// Converts a picture: colours to grey before it is scaled (<see cref="PixelGrey.FromRgb"/>), grey to colours after that. See
    /// <see cref="PixelResampling"/> for the arithmetic. Sides are scaled by themselves: the picture may change its proportions.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Pixels of a row of the result.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="result">[height, width, channels] receives the result.</param>
    public static void Fit(Pixels picture, int height, int width, int channels, Span<byte> result)
    {
        ReadOnlySpan<byte> values = picture.Values;
        int between = Math.Min(channels, picture.Channels);
        if (between < picture.Channels)
        {
            byte[] grey = new byte[picture.Height * picture.Width];
            PixelGrey.FromRgb(values, grey);
            values = grey;
        }

        if (between == channels)
        {
            PixelResampling.Scale(values, picture.Height, picture.Width, between, result, height, width);
            return;
        }

        byte[] scaled = new byte[height * width];
        PixelResampling.Scale(values, picture.Height, picture.Width, between, scaled, height, width);
        PixelGrey.ToRgb(scaled, result);
    }

    /// <summary>The same as a new picture.</summary>
    public static Pixels Fit(Pixels picture, int height, int width, int channels)
    {
        byte[] values = new byte[height * width * channels];
        Fit(picture, height, width, channels, values);
        return new Pixels(height, width, channels, values);
    }
}
