namespace Lockstep.Data.Raw.Pictures;

/// <summary>A decoded picture with its transparency.</summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Rgba">[height, width, 4] red, green, blue and alpha; colours not multiplied by alpha.</param>
internal sealed record RgbaPicture(int Height, int Width, byte[] Rgba);
