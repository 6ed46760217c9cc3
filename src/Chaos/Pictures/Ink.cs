using Lockstep.Chaos.Plans;

namespace Lockstep.Chaos.Pictures;

/// <summary>Colours of the timeline, and patterns that tell spans apart without colours.</summary>
internal static class Ink
{
    public const string Paper = "#ffffff", Panel = "#f7f8fb", Text = "#1b2333", Faint = "#6b7690", Grid = "#e4e8f0",
        Computing = "#bfe8cf", ComputingEdge = "#57b57f", Idle = "#dfe3eb", Good = "#168a4f", Bad = "#c81e3a",
        Curve = "#2f6fde", Steps = "#22304f";

    /// <summary>Patterns and gradients.</summary>
    public static string Definitions =>
        $"<linearGradient id=\"area\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"1\">"
        + $"<stop offset=\"0\" stop-color=\"{Curve}\" stop-opacity=\"0.38\"/>"
        + $"<stop offset=\"1\" stop-color=\"{Curve}\" stop-opacity=\"0.04\"/></linearGradient>"
        + string.Concat(FaultKinds.All.Where(kind => FaultKinds.Lasts(kind, ofCoordinator: false)).Select(Pattern));

    /// <summary>Colour of a kind of fault.</summary>
    public static string Of(FaultKind kind) => kind switch
    {
        FaultKind.Kill => "#d11f3a",
        FaultKind.Pause => "#e08a00",
        FaultKind.Cut => "#c026a8",
        FaultKind.Partition => "#7c3aed",
        FaultKind.Slow => "#0e7fb8",
        FaultKind.Join => "#168a4f",
        FaultKind.Leave => "#8a5a2b",
        FaultKind.Disk => "#5b6475",
        _ => "#1b2333",
    };

    /// <summary>Fills a span in which a fault lasts.</summary>
    public static string SpanOf(FaultKind kind) => $"fill=\"url(#{FaultKinds.NameOf(kind)})\" stroke=\"{Of(kind)}\" stroke-width=\"1\"";

    // Lines in another direction for each kind, so that they differ in print too.
    private static string Pattern(FaultKind kind)
    {
        string color = Of(kind);
        string lines = kind switch
        {
            FaultKind.Pause => "<path d=\"M2 0V8M6 0V8\"",
            FaultKind.Slow => "<path d=\"M0 2H8M0 6H8\"",
            FaultKind.Partition => "<path d=\"M0 8L8 0M-2 2L2 -2M6 10L10 6\"",
            _ => "<path d=\"M0 0L8 8M-2 6L2 10M6 -2L10 2\"",
        };
        return $"<pattern id=\"{FaultKinds.NameOf(kind)}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
            + "<rect width=\"8\" height=\"8\" fill=\"#ffffff\"/>"
            + $"<rect width=\"8\" height=\"8\" fill=\"{color}\" fill-opacity=\"0.28\"/>"
            + $"{lines} stroke=\"{color}\" stroke-width=\"1.6\" stroke-opacity=\"0.75\" fill=\"none\"/></pattern>";
    }
}
