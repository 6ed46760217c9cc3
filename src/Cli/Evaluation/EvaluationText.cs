using Lockstep.Cli.Terminal;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Cli.Evaluation;

/// <summary>Tables of an evaluation.</summary>
internal static class EvaluationText
{
    /// <summary>Most classes whose confusion matrix fits a terminal.</summary>
    public const int MostClasses = 20;

    private const int MostConfusions = 10, MostNamed = 10;

    /// <summary>Heading of <see cref="Scores"/>.</summary>
    public static IReadOnlyList<string> ScoresHeading { get; } = ["class", "precision", "recall", "F1", "examples", "said"];

    /// <summary>A row for every class.</summary>
    /// <param name="confusion">What was said of what.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Scores(ConfusionMatrix confusion, Func<int, string> nameOf) =>
        [.. Enumerable.Range(0, confusion.Classes).Select(label =>
        {
            ClassScores scores = confusion.Scores(label);
            return (IReadOnlyList<string>)
            [
                nameOf(label), Format.Percent(scores.Precision), Format.Percent(scores.Recall), Format.Percent(scores.F1),
                Format.Count(scores.Images), Format.Count(scores.Answers),
            ];
        })];

    /// <summary>Heading of <see cref="Targets"/>.</summary>
    public static IReadOnlyList<string> TargetsHeading { get; } = ["target", "R²", "RMSE", "MAE"];

    /// <summary>A row for every target.</summary>
    /// <param name="result">Its scores.</param>
    /// <param name="data">What the model was trained on.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Targets(EvaluationResult result, DataSpec data) =>
        [.. result.TargetsIn(data).Select(target => (IReadOnlyList<string>)
        [
            target.Name, Format.R2(target.Score.R2), Format.Number(target.Score.RootMeanSquare), Format.Number(target.Score.MeanAbsolute),
        ])];

    /// <summary>Heading of <see cref="Confusions"/>.</summary>
    public static IReadOnlyList<string> ConfusionsHeading { get; } = ["is", "said", "examples", "of its class"];

    /// <summary>The most frequent confusions, for classes whose matrix is too large to look at.</summary>
    /// <param name="confusion">What was said of what.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Confusions(ConfusionMatrix confusion, Func<int, string> nameOf) =>
        [.. Enumerable.Range(0, confusion.Classes)
            .SelectMany(label => Enumerable.Range(0, confusion.Classes).Select(answer => (Label: label, Answer: answer)))
            .Where(pair => pair.Label != pair.Answer && confusion[pair.Label, pair.Answer] > 0)
            .OrderByDescending(pair => confusion[pair.Label, pair.Answer]).Take(MostConfusions)
            .Select(pair => (IReadOnlyList<string>)
            [
                nameOf(pair.Label), nameOf(pair.Answer), Format.Count(confusion[pair.Label, pair.Answer]),
                Format.Percent((double)confusion[pair.Label, pair.Answer] / confusion.Images(pair.Label)),
            ])];

    /// <summary>Sentences about classes without an example, and about classes that were never said.</summary>
    /// <param name="confusion">What was said of what.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static IEnumerable<string> Notes(ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        ClassScores[] scores = [.. Enumerable.Range(0, confusion.Classes).Select(confusion.Scores)];
        if (Named(scores => scores.Images == 0) is { } absent)
            yield return $"Without an example here, so without a recall: {absent}.";
        if (Named(scores => scores.Images > 0 && scores.Answers == 0) is { } never)
            yield return $"Never said, so without a precision: {never}.";

        string? Named(Func<ClassScores, bool> has)
        {
            int[] classes = [.. Enumerable.Range(0, scores.Length).Where(label => has(scores[label]))];
            string more = classes.Length > MostNamed ? $" and {classes.Length - MostNamed} more" : "";
            return classes.Length == 0 ? null : string.Join(", ", classes.Take(MostNamed).Select(nameOf)) + more;
        }
    }

    /// <summary>Writes the tables.</summary>
    /// <param name="writer">Receives them.</param>
    /// <param name="confusion">What was said of what.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static void Write(TextWriter writer, ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        writer.WriteLine();
        TextTable.Write(writer, ScoresHeading, Scores(confusion, nameOf), firstNumber: 1);
        foreach (string note in Notes(confusion, nameOf))
            writer.WriteLine(note);
        writer.WriteLine();
        if (confusion.Classes > MostClasses)
        {
            if (Confusions(confusion, nameOf) is { Count: > 0 } confusions)
            {
                writer.WriteLine("The most frequent confusions:");
                TextTable.Write(writer, ConfusionsHeading, confusions, firstNumber: 2);
                writer.WriteLine();
            }

            writer.WriteLine($"The confusion matrix of {confusion.Classes} classes is too wide for lines; see it with --confusion-image "
                + "FILE.png or --json.");
            return;
        }

        int[] classes = [.. Enumerable.Range(0, confusion.Classes)];
        TextTable.Write(writer,
            ["is \\ said", .. classes.Select(nameOf)],
            [.. classes.Select(label => (IReadOnlyList<string>)[nameOf(label), .. classes.Select(
                answer => confusion[label, answer] is var count and > 0 ? Format.Count(count) : ".")])],
            firstNumber: 1);
    }
}
