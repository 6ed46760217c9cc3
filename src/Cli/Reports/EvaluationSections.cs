using System.Globalization;
using System.Text;
using Lockstep.Cli.Evaluation;
using Lockstep.Cli.Images;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>The sections of a report that are about the test examples.</summary>
internal static class EvaluationSections
{
    private const double Strongest = 0.55;

    /// <summary>Scores, confusions and worst mistakes; of targets their scores.</summary>
    public static string Of(ReportEvaluation evaluation)
    {
        bool hasTargets = evaluation.Model?.Run.IsRegression == true;
        string title = $"Test examples, {(hasTargets ? "target by target" : "class by class")}";
        if (evaluation.Details is not { } details)
            return Html.Section(title, Html.Missing(evaluation.Missing!));
        string step = Html.Paragraph($"Checkpoint of step {Format.Count(evaluation.Model!.Step)}.");
        return hasTargets
            ? Html.Section(title, step + Targets(evaluation, details.Result))
            : Html.Section(title, step + Classes(evaluation, details))
                + Html.Section("Worst mistakes", Mistakes(evaluation, details.WorstMistakes));
    }

    private static string Classes(ReportEvaluation evaluation, DetailedEvaluation details)
    {
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

    private static string Targets(ReportEvaluation evaluation, EvaluationResult result) =>
        Html.Paragraph($"R² {Format.R2(result.R2 ?? double.NaN)} on {Format.Count(result.Examples)} examples; "
            + $"loss {Format.Loss(result.Loss)}. Errors are in the units of the targets.")
        + Html.Table(EvaluationText.TargetsHeading, EvaluationText.Targets(result, evaluation.Model!.Run.Data), "numbers");

    private static string Mistakes(ReportEvaluation evaluation, IReadOnlyList<Mistake> worst)
    {
        if (worst.Count == 0)
            return Html.Paragraph("None: every test example is told right.");
        return evaluation.Examples is ImageSet images
            ? Html.Paragraph("What it is → what was said, and how surely; the number is that of the test image.")
                + Html.Picture(MistakesSheet.Draw(images, worst, evaluation.NameOf), $"{worst.Count} worst mistakes")
            : MistakenRows.Table(evaluation, worst);
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
