using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>The report of a run: one HTML page that needs nothing from elsewhere.</summary>
internal static class RunReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="run">What the run folder tells.</param>
    /// <param name="model">The newest checkpoint; null without one.</param>
    /// <param name="evaluation">It on the test images.</param>
    /// <param name="written">Now.</param>
    public static string Write(RunRecord run, TrainedModel? model, ReportEvaluation evaluation, DateTimeOffset written)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Folder)));
        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
            .Append($"<title>{Html.Encode(name)}: Lockstep run</title>\n<style>\n{Style()}</style>\n</head>\n<body>\n<main>\n");
        _ = page.Append(Header(run, name)).Append(Tiles(run, evaluation));
        _ = page.Append(Html.Section("Weights", ModelSections.Verification(run, model)));
        _ = page.Append(Html.Section("Training", Curves(run.Metrics)));
        _ = page.Append(EvaluationSections.Of(evaluation));
        if (ModelSections.FirstLayer(model) is { } firstLayer)
            _ = page.Append(Html.Section("First layer", firstLayer));
        _ = page.Append(Html.Section("Parameters", ModelSections.Parameters(new ParameterHistory().Of(run.Folder))));
        _ = page.Append(Html.Section("Faults", Faults(run)));
        _ = page.Append(
            Html.Section("Configuration", Properties(run.Configuration, RunFolder.RunSpecKey, "There is no readable config.json.")));
        _ = page.Append(Html.Section("Environment", Properties(run.Environment, null, "There is no readable env.json.")));
        string time = written.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return page.Append($"<footer>Written by Lockstep {Html.Encode(RunEnvironment.Version)} at {time} UTC from "
            + $"{Html.Encode(run.Folder)}.</footer>\n</main>\n</body>\n</html>\n")
            .ToString();
    }

    private static string Style()
    {
        using var reader = new StreamReader(typeof(RunReport).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }

    private static string Header(RunRecord run, string name)
    {
        var status = RunStatus.Of(run);
        string model = run.Spec is { } spec ? $"{spec.Model} on {spec.Data.Name}, batches of {spec.BatchSize}, seed {spec.Seed}. " : "";
        return $"<header><h1>{Html.Encode(name)}<span class=\"badge {status.Kind}\">{Html.Encode(status.Word)}</span></h1>\n"
            + Html.Paragraph(model + status.Text) + string.Concat(run.Notes.Select(note => $"<p class=\"bad\">{Html.Encode(note)}</p>\n"))
            + "</header>\n";
    }

    private static string Tiles(RunRecord run, ReportEvaluation evaluation)
    {
        var tiles = new List<(string Value, string Name)>();
        if (evaluation.Details is { } details)
            tiles.Add(details.Result.R2 is { } r2
                ? (Format.R2(r2), "test R²")
                : (Format.Percent(details.Result.Accuracy), "test accuracy"));
        else if (run.TestR2 is { } saidR2)
            tiles.Add((Format.R2(saidR2), "test R², from summary.json"));
        else if (run.TestAccuracy is var accuracy && double.IsFinite(accuracy))
            tiles.Add((Format.Percent(accuracy), "test accuracy, from summary.json"));
        if (run.Metrics.Count > 0)
        {
            MetricsRow last = run.Metrics[^1];
            tiles.Add(last.ValidationR2 is { } validated
                ? (Format.R2(validated), "validation R²")
                : (Format.Percent(last.ValidationAccuracy), "validation accuracy"));
            tiles.Add((Format.Count(last.Step), $"steps, {Format.Epochs(last.Epoch)}"));
            tiles.Add((Format.Duration(last.ElapsedSeconds), "training time"));
        }

        if (run.Best is { } best)
            tiles.Add((best.Text, $"best validation {best.Metric}, step {Format.Count(best.Step)}"));
        if (run.Summary.Number("examplesPerSecond") is { } rate)
            tiles.Add((Format.Count(rate), "examples/s"));
        if (run.Summary.Number("workers") is { } workers && run.Summary.Number("lanes") is { } lanes)
            tiles.Add(($"{workers:0}", $"worker{(workers == 1 ? "" : "s")} at the end, {Format.Plural((long)lanes, "lane")}"));
        return tiles.Count == 0 ? "" : "<div class=\"tiles\">\n"
            + string.Concat(
            tiles.Select(tile => $"<div class=\"tile\"><b>{Html.Encode(tile.Value)}</b><span>{Html.Encode(tile.Name)}</span></div>\n"))
            + "</div>\n";
    }

    private static string Curves(IReadOnlyList<MetricsRow> metrics)
    {
        if (metrics.Count == 0)
            return Html.Missing("No metrics were recorded: the run ended before its first evaluation.");
        bool hasTargets = metrics[^1].ValidationR2 is not null;
        double[] epochs = [.. metrics.Select(row => row.Epoch)];
        return "<div class=\"charts\">\n"
            + Chart("Loss", Loss, ("training", row => row.TrainLoss), ("validation", row => row.ValidationLoss))
            + (hasTargets
                ? Chart("R²", Loss, ("training", row => row.TrainR2 ?? double.NaN), ("validation", row => row.ValidationR2 ?? double.NaN))
                : Chart("Accuracy", Share, ("training", row => row.TrainAccuracy), ("validation", row => row.ValidationAccuracy)))
            + Chart(
            "Learning rate", value => value.ToString("G4", CultureInfo.InvariantCulture), ("learning rate", row => row.LearningRate))
            + Chart("Throughput, examples/s", value => Format.Count(value), ("examples/s", row => row.ExamplesPerSecond))
            + "</div>\n" + Html.Paragraph(
            $"Loss and {(hasTargets ? "R²" : "accuracy")} of training are over the batches since the point before, with dropout "
                + "on; those of validation are without.");

        string Chart(string title, Func<double, string> format, params (string Name, Func<MetricsRow, double> Value)[] lines) =>
            LineChart.Draw(
            title, "epoch", epochs, [.. lines.Select(line => new LineChart.Series(line.Name, [.. metrics.Select(line.Value)]))], format);
    }

    private static string Loss(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Share(double value) => (value * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static string Faults(RunRecord run)
    {
        if (run.Events is not { } events)
            return Html.Missing("The run kept no record of events (events.jsonl).");
        RecordedEvent[] faults = [.. events.Where(happened => happened.IsFault)];
        string summary = faults.Length == 0
            ? Html.Paragraph("None: no worker was lost or refused, and nothing was warned of.")
            : Html.Paragraph(string.Join(", ", faults.GroupBy(fault => fault.Kind).Select(kind => Counted(kind.Key, kind.Count())))
            + ". The weights do not depend on them.")
                + EventTable(faults);
        return summary + $"<details><summary>all {Format.Plural(events.Count, "event")}</summary>\n{EventTable(events)}</details>\n";
    }

    private static string Counted(string kind, int count) => kind switch
    {
        "workerLost" => $"{Format.Plural(count, "worker")} lost",
        "workerRefused" => $"{Format.Plural(count, "worker")} refused",
        "checkpointFailed" => $"{Format.Plural(count, "checkpoint")} not written",
        _ => Format.Plural(count, "warning"),
    };

    private static string EventTable(IEnumerable<RecordedEvent> events) =>
        Html.Table(
            ["time", "kind", "what happened"],
            events.Select(happened => (IReadOnlyList<string>)[Time(happened.Time), happened.Kind, happened.Text]), "events");

    private static string Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)
            : text;

    private static string Properties(JsonElement? element, string? except, string missing) => element is not { } properties
        ? Html.Missing(missing)
        : Html.Pairs(
        properties.EnumerateObject().Where(property => property.Name != except).Select(property => (property.Name, Text(property.Value))));

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Select(Text)),
        JsonValueKind.Null => "unknown",
        JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => value.ToString(),
    };
}
