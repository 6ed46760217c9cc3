using Lockstep.Cli.Evaluation;
using Lockstep.Model.Evaluation;

namespace Lockstep.Cli.Tests.Evaluation;

public class EvaluationTextTests
{
    [Fact]
    public void Write_ManyClasses_TellsAbsentOnesThoseNeverSaidAndTheFrequentConfusions()
    {
        var confusion = new ConfusionMatrix(30);
        for (int label = 0; label < 29; label++)
            Add(confusion, label, label == 3 ? 4 : label, 5);
        Add(confusion, 7, 8, 2);
        var text = new StringWriter();

        EvaluationText.Write(text, confusion, label => $"c{label}");

        string[] lines = text.ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains("Without an example here, so without a recall: c29.", lines);
        Assert.Contains("Never said, so without a precision: c3.", lines);
        int first = Array.IndexOf(lines, "The most frequent confusions:") + 2;
        Assert.Equal(["c3", "c4", "5", "100.00%"], lines[first].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["c7", "c8", "2", "28.57%"], lines[first + 1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain(lines, line => line.StartsWith("is \\ said", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_FewClassesThatAllOccur_HasNoNotes()
    {
        var confusion = new ConfusionMatrix(2);
        Add(confusion, 0, 0, 1);
        Add(confusion, 1, 1, 1);

        Assert.Empty(EvaluationText.Notes(confusion, label => $"{label}"));
    }

    private static void Add(ConfusionMatrix confusion, int label, int answer, int times)
    {
        for (int i = 0; i < times; i++)
            confusion.Add(label, answer);
    }
}
