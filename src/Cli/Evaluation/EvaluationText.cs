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

    /// <summary>Writes both tables.</summary>
    /// <param name="writer">Receives them.</param>
    /// <param name="confusion">What was said of what.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static void Write(TextWriter writer, ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        writer.WriteLine();
        TextTable.Write(writer, ScoresHeading, Scores(confusion, nameOf), firstNumber: 1);
        writer.WriteLine();
        if (confusion.Classes > MostClasses)
        {
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
