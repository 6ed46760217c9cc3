using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Results;

namespace Lockstep.Chaos.Pictures;

/// <summary>What the marks and colours mean.</summary>
internal static class Legend
{
    private const double Bar = 26, LetterWidth = 7.2;

    public static void Draw(Svg svg, ChaosResult result, double y)
    {
        double x = Frame.Left;
        x = Entry(svg, x, y, "computing", $"fill=\"{Ink.Computing}\" stroke=\"{Ink.ComputingEdge}\"");
        x = Entry(svg, x, y, "not joined", $"fill=\"{Ink.Idle}\"");
        foreach (FaultKind kind in FaultKinds.All.Where(kind => result.Story.Faults.Any(record => record.Fault.Kind == kind)))
        {
            if (FaultKinds.Lasts(kind, ofCoordinator: false))
            {
                x = Entry(svg, x, y, kind == FaultKind.Disk ? "disk full" : FaultKinds.NameOf(kind), Ink.SpanOf(kind));
            }
            else
            {
                Glyph.Draw(svg, kind, x + 9, y - 4);
                x = Name(svg, x + 18, y, FaultKinds.NameOf(kind));
            }
        }
    }

    private static double Entry(Svg svg, double x, double y, string name, string style)
    {
        svg.Box(x, y - 12, Bar, 15, style, 3);
        return Name(svg, x + Bar, y, name);
    }

    private static double Name(Svg svg, double x, double y, string name)
    {
        svg.Text(x + 8, y, name, $"font-size=\"12.5\" fill=\"{Ink.Text}\"");
        return x + 8 + name.Length * LetterWidth + 22;
    }
}
