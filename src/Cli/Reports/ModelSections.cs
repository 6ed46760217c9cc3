using Lockstep.Cli.Images;
using Lockstep.Model.Training;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>The sections of a report that are about the trained network.</summary>
internal static class ModelSections
{
    private const string NoCheckpoint = "There is no checkpoint that can be read.";

    /// <summary>The digest of the weights, computed again and compared with what the run said of them.</summary>
    public static string Verification(RunRecord run, TrainedModel? model)
    {
        string? said = run.SummaryText("weightsSha256");
        long? saidStep = run.SummarySteps;
        if (model is null)
            return Html.Missing(NoCheckpoint) + (said is null
                ? ""
                : $"<p>summary.json says <span class=\"hash\">{Html.Encode(said)}</span>, which cannot be checked.</p>\n");
        string digest = WeightsDigest.Sha256(model.Layout, model.Weights);
        long step = model.Checkpoint.Step;
        (string kind, string verdict) = said switch
        {
            null => ("soft", "The run has no summary yet to compare it with."),
            _ when saidStep != step => ("soft", $"summary.json is of step {saidStep}, so there is nothing to compare it with."),
            _ when said == digest => ("good", "Verified: summary.json says the same."),
            _ => ("bad", $"Not the same: summary.json says {said}."),
        };
        return $"<p class=\"hash\">sha256 {digest}</p>\n<p class=\"{kind}\">{Html.Encode(verdict)}</p>\n"
            + Html.Paragraph($"Computed from {Path.GetFileName(model.Path)}, step {Format.Count(step)}, when this report was written. "
            + "The same options on the same examples give the same digest on any cluster.");
    }

    /// <summary>The first layer's weights as pictures; null where it looks at no pictures.</summary>
    public static string? FirstLayer(TrainedModel? model)
    {
        if (model is null)
            return Html.Missing(NoCheckpoint);
        NamedTensor weights = model.GetParameter(model.ParameterNames[0]);
        if (WeightsPicture.FormOf(weights, model.Run.Data) is not { } form)
            return null;
        string some = weights.Shape[^1] > WeightsPicture.MaxUnits ? $"the first {Format.Count(WeightsPicture.MaxUnits)} of " : "";
        return Html.Paragraph(
            $"{weights.Name}: {some}{Format.Plural(weights.Shape[^1], "unit")}, each on {form.Rows} × {form.Columns} pixels; "
                + $"{WeightsPicture.Key(form)}.")
            + Html.Picture(WeightsPicture.Draw(weights, form), "Weights of the first layer");
    }

    /// <summary>Histograms of all parameters; of several checkpoints one behind the other.</summary>
    public static string Parameters(IReadOnlyList<ParameterHistory.Snapshot> history)
    {
        if (history.Count == 0)
            return Html.Missing(NoCheckpoint);
        ParameterHistory.Snapshot newest = history[^1];
        string steps = history.Count == 1
            ? ""
            : Html.Paragraph(
                $"{history.Count} checkpoints, the oldest at the top: each line is the distribution of a parameter's values at a step.");
        string more = newest.Count > newest.Parameters.Count
            ? Html.Paragraph($"The first {newest.Parameters.Count} of {newest.Count} parameters.")
            : "";
        IEnumerable<string> charts = newest.Parameters.Select((_, index) =>
            HistogramChart.Draw([.. history.Select(past => (past.Step, past.Parameters[index]))]));
        return $"{steps}{more}<div class=\"small\">\n{string.Concat(charts)}</div>\n";
    }
}
