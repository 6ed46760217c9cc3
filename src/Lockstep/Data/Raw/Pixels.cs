namespace Lockstep.Data.Raw;

/// <summary>A decoded image.</summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Channels">1 for grey, 3 for RGB.</param>
/// <param name="Values">[height, width, channels] intensities, row-major.</param>
internal sealed record Pixels(int Height, int Width, int Channels, byte[] Values);
