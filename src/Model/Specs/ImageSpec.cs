namespace Lockstep.Model.Specs;

/// <summary>An image: its intensities, 0 to 255, divided by 255.</summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Channels">1 for grey, 3 for RGB.</param>
/// <param name="IsResized">Whether pictures of another size are resized to this one; otherwise they are refused.</param>
public sealed record ImageSpec(int Height, int Width, int Channels, bool IsResized) : InputSpec
{
    /// <summary>[height, width, channels].</summary>
    public override TensorShape Shape => new(Height, Width, Channels);

    /// <summary>Such as <c>28x28</c> or <c>32x32x3</c>.</summary>
    public override string ToString() => Channels == 1 ? $"{Height}x{Width}" : $"{Height}x{Width}x{Channels}";
}
