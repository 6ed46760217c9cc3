using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;

namespace Lockstep.Cli.Reports;

/// <summary>The evaluation for a report, or why there is none.</summary>
/// <param name="Images">The test images.</param>
/// <param name="Details">What came out.</param>
/// <param name="Missing">Why there is none; null where there is.</param>
internal sealed record ReportEvaluation(ImageSet? Images, DetailedEvaluation? Details, string? Missing)
{
    /// <summary>None, because of <paramref name="reason"/>.</summary>
    public static ReportEvaluation Without(string reason) => new(null, null, reason);
}
