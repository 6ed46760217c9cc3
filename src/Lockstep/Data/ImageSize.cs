using System.Globalization;
using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>Size of images.</summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Channels">1 for grey, 3 for RGB; null takes what the pictures are.</param>
public sealed record ImageSize(int Height, int Width, int? Channels = null)
{
    /// <summary>Reads <c>28x28</c>, <c>28x28x1</c> for grey, or <c>32x32x3</c> for RGB: height, width and channels.</summary>
    /// <exception cref="FormatException">The text is something else, or the images would be too large.</exception>
    public static ImageSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('x');
        int[] numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                throw new FormatException($"'{parts[i]}' is not a whole number");
        }

        if (numbers.Length is not (2 or 3))
            throw new FormatException($"{parts.Length} numbers");
        int channels = numbers.Length == 3 ? numbers[2] : 1;
        return ImageSet.IsSize(numbers[0], numbers[1], channels)
            ? new ImageSize(numbers[0], numbers[1], numbers.Length == 3 ? channels : null)
            : throw new FormatException($"images of 1 to {ImageSet.MaxPixels:N0} values in 1 or 3 channels can be used");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Channels is { } channels ? $"{Height}x{Width}x{channels}" : $"{Height}x{Width}";
}
