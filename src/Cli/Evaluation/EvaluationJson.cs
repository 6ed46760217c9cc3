using System.Text.Json;
using Lockstep.Model.Evaluation;
using Lockstep.Runs;

namespace Lockstep.Cli.Evaluation;

/// <summary>All numbers of an evaluation as properties of a JSON object.</summary>
internal static class EvaluationJson
{
    public static void Write(Utf8JsonWriter writer, DetailedEvaluation evaluation)
    {
        writer.WriteNumber("examples", evaluation.Result.Examples);
        writer.WriteFinite("loss", evaluation.Result.Loss);
        writer.WriteFinite("accuracy", evaluation.Result.Accuracy);
        WriteClasses(writer, evaluation.Confusion);
        WriteConfusion(writer, evaluation.Confusion);
        writer.WriteStartArray("worstMistakes");
        foreach (Mistake mistake in evaluation.WorstMistakes)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", mistake.Image);
            writer.WriteNumber("label", mistake.Label);
            writer.WriteNumber("answer", mistake.Answer);
            writer.WriteFinite("answerProbability", mistake.AnswerProbability);
            writer.WriteFinite("labelProbability", mistake.LabelProbability);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteClasses(Utf8JsonWriter writer, ConfusionMatrix confusion)
    {
        writer.WriteStartArray("classes");
        for (int label = 0; label < confusion.Classes; label++)
        {
            ClassScores scores = confusion.Scores(label);
            writer.WriteStartObject();
            writer.WriteNumber("class", label);
            writer.WriteFinite("precision", scores.Precision);
            writer.WriteFinite("recall", scores.Recall);
            writer.WriteFinite("f1", scores.F1);
            writer.WriteNumber("images", scores.Images);
            writer.WriteNumber("answers", scores.Answers);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // Rows are what it is, columns what was said.
    private static void WriteConfusion(Utf8JsonWriter writer, ConfusionMatrix confusion)
    {
        writer.WriteStartArray("confusion");
        for (int label = 0; label < confusion.Classes; label++)
        {
            writer.WriteStartArray();
            for (int answer = 0; answer < confusion.Classes; answer++)
                writer.WriteNumberValue(confusion[label, answer]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
