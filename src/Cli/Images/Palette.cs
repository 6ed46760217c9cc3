using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>The colours of all pictures.</summary>
internal static class Palette
{
    public static readonly SKColor Paper = SKColors.White;

    /// <summary>Text.</summary>
    public static readonly SKColor Ink = new(0x1f, 0x29, 0x37);

    /// <summary>Text beside what matters.</summary>
    public static readonly SKColor Caption = new(0x64, 0x74, 0x8b);

    /// <summary>Lines and empty cells.</summary>
    public static readonly SKColor Faint = new(0xee, 0xf1, 0xf5);

    /// <summary>The truth.</summary>
    public static readonly SKColor Right = new(0x15, 0x80, 0x3d);

    /// <summary>What is wrong.</summary>
    public static readonly SKColor Wrong = new(0xc2, 0x25, 0x1b);

    /// <summary>What is as it should be, in strength.</summary>
    public static readonly SKColor Strong = new(0x1d, 0x4e, 0xd8);

    private static readonly SKColor Negative = new(0x21, 0x66, 0xac);
    private static readonly SKColor Positive = new(0xb2, 0x18, 0x2b);

    /// <summary>From blue for -1 over white to red for 1; beyond is as at the ends, and what is not a number is black.</summary>
    public static SKColor Diverging(double value)
    {
        if (double.IsNaN(value))
            return SKColors.Black;
        return Blend(Paper, value < 0 ? Negative : Positive, Math.Min(1, Math.Abs(value)));
    }

    /// <summary>A colour between two.</summary>
    /// <param name="from">At share 0.</param>
    /// <param name="to">At share 1.</param>
    /// <param name="share">0 to 1.</param>
    public static SKColor Blend(SKColor from, SKColor to, double share)
    {
        return new SKColor(Channel(from.Red, to.Red), Channel(from.Green, to.Green), Channel(from.Blue, to.Blue));

        byte Channel(byte a, byte b) => (byte)(a + (b - a) * share + 0.5);
    }
}
