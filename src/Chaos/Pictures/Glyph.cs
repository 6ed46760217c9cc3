using Lockstep.Chaos.Plans;

namespace Lockstep.Chaos.Pictures;

/// <summary>Marks for faults that do not last.</summary>
internal static class Glyph
{
    /// <summary>Draws one, centred at a position.</summary>
    public static void Draw(Svg svg, FaultKind kind, double x, double y)
    {
        string color = Ink.Of(kind);
        svg.Circle(x, y, 9, $"fill=\"#ffffff\" stroke=\"{color}\" stroke-width=\"1.6\"", FaultKinds.NameOf(kind));
        string path = kind switch
        {
            FaultKind.Kill => "M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6",
            FaultKind.Join => "M0 -4.4V4.4M-4.4 0H4.4",
            FaultKind.Leave => "M-4.4 0H4.2M1 -3.4L4.4 0L1 3.4",
            _ => "M1.4 -5L-2.6 0.8H2.6L-1.4 5",
        };
        svg.Shape(x, y, path, $"fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
    }
}
