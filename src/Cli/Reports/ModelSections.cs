using System.Globalization;
using System.Text;
using Lockstep.Cli.Evaluation;
using Lockstep.Cli.Images;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>The sections of a report that are about the trained network.</summary>
internal static class ModelSections
{
    private const double Strongest = 0.55;
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

    /// <summary>Scores of every class and the confusion matrix.</summary>
    public static string Classes(ReportEvaluation evaluation)
    {
        if (evaluation.Details is not { } details)
            return Html.Missing(evaluation.Missing!);
        EvaluationResult result = details.Result;
        string text = Html.Paragraph($"{Format.Percent(result.Accuracy)} of {Format.Count(result.Examples)} examples told right, "
            + $"{Format.Count(result.Examples - result.Correct)} wrong; loss {Format.Loss(result.Loss)}.");
        string matrix = details.Confusion.Classes <= EvaluationText.MostClasses
            ? Matrix(details.Confusion, evaluation.NameOf)
            : Html.Picture(ConfusionPicture.Draw(details.Confusion, evaluation.NameOf), "Confusion matrix");
        string scores = Html.Table(EvaluationText.ScoresHeading, EvaluationText.Scores(details.Confusion, evaluation.NameOf), "numbers");
        text += string.Concat(EvaluationText.Notes(details.Confusion, evaluation.NameOf).Select(Html.Paragraph));
        if (details.Confusion.Classes > EvaluationText.MostClasses)
        {
            scores += "<h3>Most frequent confusions</h3>\n" + Html.Table(
                EvaluationText.ConfusionsHeading, EvaluationText.Confusions(details.Confusion, evaluation.NameOf), "numbers");
        }

        return $"{text}<div class=\"side\">\n<div>{scores}</div>\n<div>{matrix}</div>\n</div>\n";
    }

    /// <summary>Scores of every target.</summary>
    public static string Targets(ReportEvaluation evaluation, DataSpec data) => evaluation.Details is not { } details
        ? Html.Missing(evaluation.Missing!)
        : Html.Paragraph($"R² {Format.R2(details.Result.R2 ?? double.NaN)} on {Format.Count(details.Result.Examples)} examples; "
            + $"loss {Format.Loss(details.Result.Loss)}. Errors are in the units of the targets.")
            + Html.Table(EvaluationText.TargetsHeading, EvaluationText.Targets(details.Result, data), "numbers");

    /// <summary>The worst mistakes as a picture.</summary>
    public static string Mistakes(ReportEvaluation evaluation)
    {
        if (evaluation.Details is not { } details)
            return Html.Missing(evaluation.Missing!);
        if (details.WorstMistakes.Count == 0)
            return Html.Paragraph("None: every test example is told right.");
        if (evaluation.Images is not { } images)
            return Html.Missing("The examples are rows of numbers, so there is no picture of them.");
        return Html.Paragraph("What it is → what was said, and how surely; the number is that of the test image.")
            + Html.Picture(
                MistakesSheet.Draw(images, details.WorstMistakes, evaluation.NameOf), $"{details.WorstMistakes.Count} worst mistakes");
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

    /// <summary>Histograms of all parameters.</summary>
    public static string Histograms(TrainedModel? model)
    {
        if (model is null)
            return Html.Missing(NoCheckpoint);
        IReadOnlyList<NamedTensor> parameters = model.Checkpoint.Parameters;
        string more = parameters.Count > HistogramsPicture.MaxParameters
            ? Html.Paragraph($"The first {HistogramsPicture.MaxParameters} of {parameters.Count}.")
            : "";
        IEnumerable<string> charts = parameters.Take(HistogramsPicture.MaxParameters).Select(HistogramChart.Draw);
        return more + $"<div class=\"small\">\n{string.Concat(charts)}</div>\n";
    }

    private static string Matrix(ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        var text = new StringBuilder("<div class=\"scroll\" tabindex=\"0\"><table class=\"confusion\"><thead><tr><th>is \\ said</th>");
        for (int answer = 0; answer < confusion.Classes; answer++)
            _ = text.Append(CultureInfo.InvariantCulture, $"<th>{Html.Encode(nameOf(answer))}</th>");
        _ = text.Append("</tr></thead><tbody>\n");
        for (int label = 0; label < confusion.Classes; label++)
        {
            long images = confusion.Images(label);
            _ = text.Append(CultureInfo.InvariantCulture, $"<tr><th>{Html.Encode(nameOf(label))}</th>");
            for (int answer = 0; answer < confusion.Classes; answer++)
            {
                long count = confusion[label, answer];

                // As in the picture: the cube root lets few confusions among many images be seen. Stronger colours would hide the numbers.
                double share = images == 0 ? 0 : (double)count / images;
                double strength = Strongest * (label == answer ? share : Math.Cbrt(share));
                string kind = label == answer ? " class=\"right\"" : "";
                _ = text.Append(
                    CultureInfo.InvariantCulture, $"<td{kind} style=\"--s: {strength:0.###}\">{(count == 0 ? "" : count)}</td>");
            }

            _ = text.Append("</tr>\n");
        }

        return text.Append("</tbody></table></div>\n").ToString();
    }
}
