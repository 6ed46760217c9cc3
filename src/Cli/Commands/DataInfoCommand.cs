using System.Globalization;
using System.Text.Json;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>data info</c>: describes a data set.</summary>
internal static class DataInfoCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        LoadedDataset loaded;
        await using (RunDisplay display = RunDisplay.Create(invocation.Io, invocation.Settings))
            loaded = await DatasetAccess.LoadAsync(DatasetAccess.Name(invocation.Argument), invocation.Settings, invocation.Io, display, CancellationToken.None);
        if (invocation.Settings.Get(OptionTable.Json))
            JsonOutput.Write(invocation.Io.Out, writer => WriteJson(writer, loaded));
        else
            WriteText(invocation.Io.Out, loaded);
        return ExitCode.Done;
    }

    private static IEnumerable<(string Name, ImageSet Images)> Splits(Dataset data) =>
        DatasetAccess.Splits.Select(split =>
        {
            (ImageSet images, int first, int count) = DatasetAccess.Split(data, split);
            return (split, images.Slice(first, count));
        });

    private static void WriteText(TextWriter writer, LoadedDataset loaded)
    {
        Dataset data = loaded.Data;
        TextTable.WritePairs(writer,
        [
            ("data set", data.Name),
            ("from", loaded.Source),
            ("images", $"{data.Training.SizeText}"),
            ("sha256", data.Sha256),
        ]);
        writer.WriteLine();
        (string Name, ImageSet Images)[] splits = [.. Splits(data)];
        int classes = splits.Max(split => split.Images.Classes);
        TextTable.Write(writer,
            ["split", "images", "non-zero", .. Enumerable.Range(0, classes).Select(label => label.ToString(CultureInfo.InvariantCulture))],
            [.. splits.Select(split => (IReadOnlyList<string>)[split.Name, Format.Count(split.Images.Count), Format.Percent(Density(split.Images)), .. Histogram(split.Images, classes).Select(count => Format.Count(count))])],
            firstNumber: 1);
    }

    private static void WriteJson(Utf8JsonWriter writer, LoadedDataset loaded)
    {
        Dataset data = loaded.Data;
        writer.WriteStartObject();
        writer.WriteString("name", data.Name);
        writer.WriteString("from", loaded.Source);
        writer.WriteString("sha256", data.Sha256);
        ImageSet training = DatasetAccess.Images(data, data.Training);
        writer.WriteNumber("height", training.Height);
        writer.WriteNumber("width", training.Width);
        foreach ((string name, ImageSet images) in Splits(data))
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("images", images.Count);
            writer.WriteNumber("nonZeroShare", Math.Round(Density(images), 6));
            writer.WriteStartArray("classes");
            foreach (int count in Histogram(images, images.Classes))
                writer.WriteNumberValue(count);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static double Density(ImageSet images) => images.Count == 0 ? 0 : images.NonZeroPixels / ((double)images.Count * images.Pixels);

    private static int[] Histogram(ImageSet images, int classes)
    {
        int[] counts = new int[classes];
        foreach (byte label in images.Labels)
            counts[label]++;
        return counts;
    }
}
