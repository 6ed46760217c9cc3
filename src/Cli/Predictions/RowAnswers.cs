using System.Globalization;
using System.Text;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>What a model says of all rows of a file.</summary>
/// <param name="Model">The model.</param>
/// <param name="File">The file.</param>
/// <param name="Files">The picture of each row below that folder; null for a file.</param>
/// <param name="Probabilities">[rows, classes] probabilities, row by row.</param>
internal sealed record RowAnswers(TrainedModel Model, string File, IReadOnlyList<string>? Files, float[] Probabilities)
    : RowResults(Model, File)
{
    private int Classes => Model.Model.Classes;

    public override int Count => Probabilities.Length / Classes;

    /// <summary>The most probable class of a row.</summary>
    public int AnswerTo(int row)
    {
        ReadOnlySpan<float> probabilities = ProbabilitiesOf(row);
        int answer = 0;
        for (int label = 1; label < probabilities.Length; label++)
        {
            if (probabilities[label] > probabilities[answer])
                answer = label;
        }

        return answer;
    }

    /// <summary>[classes] probabilities of a row.</summary>
    public ReadOnlySpan<float> ProbabilitiesOf(int row) => Probabilities.AsSpan(row * Classes, Classes);

    /// <summary>Number of rows.</summary>
    public IEnumerable<int> Rows => Enumerable.Range(0, Count);

    protected override void WriteTable(TextWriter writer, int rows) => TextTable.Write(
        writer, ["row", .. Files is null ? Array.Empty<string>() : ["file"], "answer", "probability"],
        [.. Enumerable.Range(0, rows).Select(Cells)], firstNumber: Files is null ? 2 : 3);

    private IReadOnlyList<string> Cells(int row)
    {
        int answer = AnswerTo(row);
        return
        [
            Format.Count(row), .. Files is null ? Array.Empty<string>() : [ForeignText.Printable(Files[row])],
            Model.Run.Data.ClassName(answer), Format.Percent(ProbabilitiesOf(row)[answer]),
        ];
    }

    /// <summary>Row from 0 on, file of a picture, answer, and the probability of every class.</summary>
    protected override string Csv()
    {
        var text = new StringBuilder(Files is null ? "row,answer" : "row,file,answer");
        for (int label = 0; label < Classes; label++)
            _ = text.Append(',').Append(Field(Model.Run.Data.ClassName(label)));
        foreach (int row in Rows)
        {
            string file = Files is null ? "" : $"{Field(Files[row])},";
            _ = text.Append(CultureInfo.InvariantCulture, $"\n{row},{file}{Field(Model.Run.Data.ClassName(AnswerTo(row)))}");
            foreach (float probability in ProbabilitiesOf(row))
                _ = text.Append(CultureInfo.InvariantCulture, $",{probability}");
        }

        return text.Append('\n').ToString();
    }

    // RFC 4180.
    public static string Field(string text) => text.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
