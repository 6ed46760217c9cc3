using System.Globalization;
using Lockstep.Chaos.Pictures;

namespace Lockstep.Cli.Images;

/// <summary>A rectangle of an SVG picture with an axis at its left and one below.</summary>
/// <param name="Left">In pixels, as all.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Width">Of the data.</param>
/// <param name="Height">Of the data.</param>
internal sealed record PanelFrame(double Left, double Top, double Width, double Height)
{
    private const string Small = $"font-size=\"12\" fill=\"{Ink.Faint}\"", Name = $"font-size=\"13\" fill=\"{Ink.Text}\"";

    private const int LongestLabel = 14;

    public double X(double share) => Left + share * Width;

    public double Y(double share) => Top + (1 - share) * Height;

    /// <summary>Draws the frame, the ticks and their lines.</summary>
    public void Draw(
        Svg svg, string xName, IReadOnlyList<(double Share, string Text)> xTicks, string yName,
        IReadOnlyList<(double Share, string Text)> yTicks)
    {
        svg.Box(Left, Top, Width, Height, $"fill=\"{Ink.Panel}\"");
        foreach ((double share, string text) in yTicks)
        {
            svg.Line(Left, Y(share), Left + Width, Y(share), $"stroke=\"{Ink.Grid}\"");
            svg.Text(Left - 8, Y(share) + 4, Short(text), $"{Small} text-anchor=\"end\"");
        }

        foreach ((double share, string text) in xTicks)
        {
            svg.Line(X(share), Top + Height, X(share), Top + Height + 5, $"stroke=\"{Ink.Faint}\"");
            svg.Text(X(share), Top + Height + 19, Short(text), $"{Small} text-anchor=\"middle\"");
        }

        svg.Text(X(0.5), Top + Height + 40, xName, $"{Name} text-anchor=\"middle\"");
        svg.Text(Left, Top - 10, yName, Name);
    }

    /// <summary>Ticks of an axis of numbers.</summary>
    public static IReadOnlyList<(double Share, string Text)> TicksOf(Axis axis, string format) =>
        [.. axis.Ticks.Select(tick => (axis.Share(tick), tick.ToString(format, CultureInfo.InvariantCulture)))];

    private static string Short(string text) => text.Length <= LongestLabel ? text : text[..(LongestLabel - 1)] + "…";
}
