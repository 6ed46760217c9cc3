using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Bench.Compare;

/// <summary>What one run of the comparison found.</summary>
internal sealed record Report(string Date, string Command, string Data, Machine Machine, IReadOnlyList<Finding> Findings)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>The table of figures, then that of all that was measured.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine($"{Date}, {Machine}.")
            .AppendLine($"Data: {Data}. Command: `{Command}`. Medians of the rounds (smallest to largest).").AppendLine();
        text.AppendLine("| row | figure | measured | must (stretch) | |").AppendLine("|---|---|---|---|---|");
        foreach (Finding finding in Findings)
            text.AppendLine($"| {finding.Row} | {finding.What} | {finding.Figure?.Text ?? $"skipped: {finding.Skipped}"} | "
                + $"{finding.Goal} | {Verdict(finding)} |");
        text.AppendLine().AppendLine("| row | what | |").AppendLine("|---|---|---|");
        foreach (Finding finding in Findings)
        {
            foreach (Series series in finding.Measured)
                text.AppendLine($"| {finding.Row} | {series.Name} | {series.Text} |");
        }

        text.AppendLine();
        foreach (Finding finding in Findings.Where(finding => finding.Note.Length > 0))
            text.AppendLine($"- {finding.Row}: {finding.Note}.");
        return text.ToString();
    }

    private static string Verdict(Finding finding) => finding switch
    {
        { Figure: { } figure, Goal: { } goal } =>
            goal.IsStretchMet(figure.Median) ? "stretch reached" : goal.IsMet(figure.Median) ? "reached" : "**not reached**",
        _ => "",
    };
}
