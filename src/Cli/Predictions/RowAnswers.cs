using System.Globalization;
using System.Text;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Data;
using Lockstep.Model.Data;
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

    /// <summary>Reads a file and asks the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">The file.</param>
    /// <param name="split">Name of the part that is wanted; null for the one for the test where there are parts.</param>
    /// <param name="display">Shows progress.</param>
    /// <exception cref="RequestException">The model was not trained on the user's own data.</exception>
    /// <exception cref="DatasetException">The file cannot be read, or does not fit the model.</exception>
    public static async Task<RowAnswers> OfAsync(TrainedModel model, string file, string? split, RunDisplay display)
    {
        if (model.Run.Data.Preparation is null)
            throw new RequestException(
                $"{PredictOptions.Rows.Name}: the model of {model.Path} was trained on {model.Run.Data.Name}, not on rows of a file. "
                    + $"Give it pictures with {PredictOptions.Images.Name} FILE.png.");
        display.Working($"reading {file}");
        return await Task.Run(() =>
        {
            UnlabelledExamples rows = Read(model, file, split, display);
            return new RowAnswers(model, file, rows.Files, model.Predict(rows.Examples));
        });
    }

    /// <summary>Reads a file, with what is to be known of it.</summary>
    public static UnlabelledExamples Read(TrainedModel model, string file, string? split, RunDisplay display)
    {
        UnlabelledExamples rows = model.ReadUnlabelled(file, split, display.Working);
        foreach (string notice in rows.Notices)
            display.Warn(notice);
        display.Working($"looking at {Format.Plural(rows.Examples.Count, "example")}");
        return rows;
    }

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
