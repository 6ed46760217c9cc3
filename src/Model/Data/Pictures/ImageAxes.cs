namespace Lockstep.Model.Data.Pictures;

/// <summary>How an array holds images.</summary>
/// <param name="Count">Number of images.</param>
/// <param name="Height">Rows of pixels of one image.</param>
/// <param name="Width">Pixels of one row.</param>
/// <param name="Channels">1 for grey, 3 for RGB.</param>
/// <param name="ChannelsFirst">Whether the array is [count, channels, height, width], not [count, height, width, channels].</param>
public readonly record struct ImageAxes(int Count, int Height, int Width, int Channels, bool ChannelsFirst)
{
    /// <summary>
    /// The images of an array of bytes: [count, height, width], [count, height, width, channels] or [count, channels, height, width] with
    /// 1 or 3 channels. Where both of the last could be, the channels are last.
    /// </summary>
    /// <param name="shape">Shape of the array.</param>
    /// <returns>Null for other shapes.</returns>
    public static ImageAxes? Of(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape switch
        {
            [var count, var height, var width] => new ImageAxes(count, height, width, 1, ChannelsFirst: false),
            [var count, var height, var width, var last and (1 or 3)] => new ImageAxes(count, height, width, last, ChannelsFirst: false),
            [var count, var first and (1 or 3), var height, var width] => new ImageAxes(count, height, width, first, ChannelsFirst: true),
            _ => null,
        };
    }

    /// <summary>Changes images from channels first to channels last, in place; does nothing where they are.</summary>
    /// <param name="pixels">Whole images.</param>
    public void PutChannelsLast(Span<byte> pixels)
    {
        if (!ChannelsFirst || Channels == 1)
            return;
        int places = Height * Width, size = places * Channels;
        byte[] planes = new byte[size];
        for (; pixels.Length > 0; pixels = pixels[size..])
        {
            pixels[..size].CopyTo(planes);
            for (int place = 0, to = 0; place < places; place++)
            {
                for (int channel = 0; channel < Channels; channel++)
                    pixels[to++] = planes[channel * places + place];
            }
        }
    }
}
