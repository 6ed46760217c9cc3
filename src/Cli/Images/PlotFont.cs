using ScottPlot;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>
/// The font of ScottPlot's pictures: our own, because machines without a screen often have none, and then ScottPlot writes no text.
/// </summary>
internal static class PlotFont
{
    private static readonly Lock Lock = new();

    /// <summary>Makes it the font of all plots.</summary>
    public static void Use()
    {
        lock (Lock)
        {
            if (Fonts.FontResolvers.OfType<OwnFont>().Any())
                return;
            Fonts.FontResolvers.Insert(0, new OwnFont());
            Fonts.Default = OwnFont.Name;
        }
    }

    private sealed class OwnFont : IFontResolver
    {
        public const string Name = "Lockstep";

        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Name ? Picture.Font : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Picture.Font : null;
    }
}
