using System.IO.Compression;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Networks;
using Lockstep.Training;

namespace Lockstep.Tests.Data;

/// <summary>Files of the user's from a program: read, trained on, and read again for predictions.</summary>
public sealed class OwnFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReadAsync_Table_TrainsAndReadsRawRowsForTheModel()
    {
        string table = _folder.Write("colours.csv", "id,colour,size,kind\n" + string.Concat(Enumerable.Range(0, 60).Select(
            row => $"{row},{(row % 2 == 0 ? "red" : "blue")},{row % 7},{(row % 2 == 0 ? "stop" : "go")}\n")));
        var notices = new List<string>();

        Dataset data = await Datasets.ReadAsync(table, new PreparationOptions { Label = "kind" }, notices.Add);
        TrainingResult result = await new Trainer(
            Models.Parse("4-8-2"), data, new TrainerOptions { Epochs = 5, BatchSize = 6 }).TrainAsync();
        Examples rows = result.Model.ReadExamples(_folder.Write("new.csv", "size,colour,id\n3,red,61\n3,blue,62\n"));

        Assert.Equal(("colours", 48, 6, 6), (data.Name, data.TrainingExamples, data.ValidationExamples, data.Test.Count));
        Assert.Equal(["go", "stop"], data.Preparation!.Classes);
        Assert.Equal(
            [
                "'id' numbers the rows and says nothing about new ones. Leave it out with --ignore id.",
                "Leak? 'colour' alone tells the class of every row. If that is not known beforehand for new rows, leave it out with --ignore "
                    + "colour.",
            ],
            notices);
        float[] probabilities = result.Model.Predict(rows);
        Assert.True(probabilities[1] > 0.5 && probabilities[2] > 0.5, string.Join(' ', probabilities));
    }

    [Theory]
    [InlineData("table.xlsx", "[Content_Types].xml", "a spreadsheet (Excel), or another document of Microsoft Office; save it as CSV.")]
    [InlineData("table.csv", "docProps/app.xml", "a spreadsheet (Excel), or another document of Microsoft Office; save it as CSV.")]
    [InlineData("table.ods", "mimetype", "a spreadsheet, or another document of LibreOffice or OpenOffice; save it as CSV.")]
    [InlineData("table.zip", "table.csv", "a zip archive; unpack it first.")]
    public async Task ReadAsync_Spreadsheet_SaysHowItBecomesATable(string name, string entry, string expected)
    {
        string path = _folder.File(name);
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create))
        using (Stream content = archive.CreateEntry(entry, CompressionLevel.NoCompression).Open())
            content.Write("application/vnd.oasis.opendocument.spreadsheet"u8);

        DatasetException refused = await Assert.ThrowsAsync<DatasetException>(() => Datasets.ReadAsync(path));

        Assert.Equal($"{path} is no table of text: it looks like {expected}", refused.Message);
    }

    [Fact]
    public async Task ReadAsync_NoFile_SaysWhatToDo()
    {
        DatasetException refused = await Assert.ThrowsAsync<DatasetException>(() => Datasets.ReadAsync(_folder.File("none.csv")));

        Assert.EndsWith("none.csv does not exist. Give a file or folder with examples.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadExamples_ArrayWithoutLabels_IsReadAsTheLabelledOne()
    {
        float[] values = [.. Enumerable.Range(0, 80).Select(i => i / 2 % 2 == 0 ? 1f + i % 3 : -1f - i % 5)];
        byte[] labels = [.. Enumerable.Range(0, 40).Select(row => (byte)(row % 2))];
        string data = Directory.CreateDirectory(_folder.File("data")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(data, "x.npy"), Npy("<f4", "40, 2", [.. values.SelectMany(BitConverter.GetBytes)]));
        await File.WriteAllBytesAsync(Path.Combine(data, "y.npy"), Npy("|u1", "40,", labels));
        Dataset read = await Datasets.ReadAsync(data);
        TrainingResult result = await new Trainer(
            Models.Parse("2-4-2"), read, new TrainerOptions { Epochs = 2, BatchSize = 8 }).TrainAsync();
        string alone = Directory.CreateDirectory(_folder.File("alone")).FullName;
        File.Copy(Path.Combine(data, "x.npy"), Path.Combine(alone, "x.npy"));

        float[] expected = result.Model.Predict(result.Model.ReadExamples(data));

        Assert.Equal(80, expected.Length);
        Assert.Equal(expected, result.Model.Predict(result.Model.ReadExamples(alone)));
        Assert.Equal(expected, result.Model.Predict(result.Model.ReadExamples(Path.Combine(alone, "x.npy"))));
        Assert.Contains(
            "is one array, without labels",
            (await Assert.ThrowsAsync<DatasetException>(() => Datasets.ReadAsync(Path.Combine(alone, "x.npy")))).Message,
            StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<DatasetException>(() => Datasets.ReadAsync(alone));
    }

    private static byte[] Npy(string type, string shape, byte[] values)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}";
        header = header.PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.Latin1.GetBytes(header), .. values];
    }
}
