using System.Globalization;
using System.Net;
using System.Text;

namespace Lockstep.Chaos.Pictures;

/// <summary>Writes an SVG picture element by element; later ones cover earlier ones.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _text = new();

    /// <summary>A rectangle with round corners; <paramref name="tip"/> is shown by browsers.</summary>
    public void Box(double x, double y, double width, double height, string style, double radius = 0, string? tip = null) =>
        Element($"rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(width, 0))}\" height=\"{N(height)}\" rx=\"{N(radius)}\" {style}", tip);

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        Element($"line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" {style}", tip: null);

    public void Circle(double x, double y, double radius, string style, string? tip = null) =>
        Element($"circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" {style}", tip);

    /// <summary>A line through points; with <paramref name="floor"/> the area between it and that height.</summary>
    public void Curve(IReadOnlyList<(double X, double Y)> points, string style, double? floor = null)
    {
        if (points.Count < 2)
            return;
        var path = new StringBuilder();
        foreach ((double x, double y) in points)
            _ = path.Append(path.Length == 0 ? 'M' : 'L').Append(N(x)).Append(' ').Append(N(y));
        if (floor is { } bottom)
            _ = path.Append($"L{N(points[^1].X)} {N(bottom)}L{N(points[0].X)} {N(bottom)}Z");
        Element($"path d=\"{path}\" {style}", tip: null);
    }

    /// <summary>A path as SVG writes it, moved to a place.</summary>
    public void Shape(double x, double y, string path, string style) =>
        Element($"path transform=\"translate({N(x)} {N(y)})\" d=\"{path}\" {style}", tip: null);

    /// <summary>A line of text; <paramref name="style"/> says size, colour and anchor.</summary>
    public void Text(double x, double y, string text, string style) =>
        _ = _text.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" {style}>{WebUtility.HtmlEncode(text)}</text>\n");

    /// <summary>The whole picture.</summary>
    public string Close(double width, double height, string title, string definitions) =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(width)} {N(height)}\" "
        + $"role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\" "
        + "font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n"
        + $"<title>{WebUtility.HtmlEncode(title)}</title>\n<defs>{definitions}</defs>\n{_text}</svg>\n";

    private static string N(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);

    private void Element(string element, string? tip)
    {
        string name = element[..element.IndexOf(' ', StringComparison.Ordinal)];
        _ = _text.Append(tip is null ? $"<{element}/>\n" : $"<{element}><title>{WebUtility.HtmlEncode(tip)}</title></{name}>\n");
    }
}
