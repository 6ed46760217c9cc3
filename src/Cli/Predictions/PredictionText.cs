using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>A prediction for people: the answer, and side by side what the network saw and how likely it holds each class.</summary>
internal static class PredictionText
{
    private const int BarWidth = 30, MostClasses = 14, WidestImage = 80;

    /// <summary>Writes the image, and beside it the probability of each class.</summary>
    /// <param name="writer">Standard output.</param>
    /// <param name="prediction">The prediction.</param>
    /// <param name="shading">How the image can be shown.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static void Write(TextWriter writer, Prediction prediction, Shading shading, Func<int, string> nameOf)
    {
        writer.WriteLine(ForeignText.Printable($"{prediction.Subject.Name}: {nameOf(prediction.Answer)}, "
            + $"{Format.Percent(prediction.Probabilities[prediction.Answer])}{Verdict(prediction, nameOf)}"));
        IReadOnlyList<string> image = prediction.Subject.Example is ImageSet { Width: <= WidestImage } images
            ? SeenImage.Lines(images, shading)
            : [];
        string[] bars = [.. Bars(prediction, shading, label => ForeignText.Printable(nameOf(label)))];

        // The bars stand beside the middle of the image.
        int skip = Math.Max(0, (image.Count - bars.Length) / 2);
        for (int line = 0; line < Math.Max(image.Count, skip + bars.Length); line++)
        {
            string left = line < image.Count ? image[line]
                : new string(' ', image.Count == 0 ? 0 : ((ImageSet)prediction.Subject.Example).Width);
            string right = line >= skip && line - skip < bars.Length ? bars[line - skip] : "";
            writer.WriteLine($"  {left}  {right}".TrimEnd());
        }
    }

    private static string Verdict(Prediction prediction, Func<int, string> nameOf) => prediction.Subject.Label switch
    {
        null => "",
        { } label when label == prediction.Answer => $"; it is a {nameOf(label)}: right",
        { } label => $"; it is a {nameOf(label)}: wrong",
    };

    private static IEnumerable<string> Bars(Prediction prediction, Shading shading, Func<int, string> nameOf)
    {
        float[] probabilities = prediction.Probabilities;
        IEnumerable<int> classes = Enumerable.Range(0, probabilities.Length);
        if (probabilities.Length > MostClasses)
            classes = classes.OrderByDescending(label => probabilities[label]).Take(MostClasses);
        int width = Enumerable.Range(0, probabilities.Length).Max(label => nameOf(label).Length);
        foreach (int label in classes)
        {
            float probability = probabilities[label];
            int length = float.IsFinite(probability) ? (int)Math.Round(probability * BarWidth) : 0;
            string bar = new(shading == Shading.Ascii ? '#' : '█', length);
            string name = nameOf(label).PadLeft(width);
            yield return $"{name}  {Format.Percent(probability),7}  {bar}".TrimEnd();
        }
    }
}
