using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;

namespace Lockstep.Cli.Reports;

/// <summary>The evaluation for a report, or why there is none.</summary>
/// <param name="Images">The test images; null where the examples are no images.</param>
/// <param name="Details">What came out.</param>
/// <param name="Missing">Why there is none; null where there is.</param>
/// <param name="NameOf">Name of a class.</param>
internal sealed record ReportEvaluation(ImageSet? Images, DetailedEvaluation? Details, string? Missing, Func<int, string> NameOf)
{
    /// <summary>None, because of <paramref name="reason"/>.</summary>
    public static ReportEvaluation Without(string reason) => new(null, null, reason, label => $"{label}");
}
