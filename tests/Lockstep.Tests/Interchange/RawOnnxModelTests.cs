using Lockstep.Data;
using Lockstep.Interchange;
using Lockstep.Lockstep.Tests.Data.Pictures;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Tests;
using Lockstep.Training;

namespace Lockstep.Lockstep.Tests.Interchange;

/// <summary>Exported models of the user's own data take raw inputs, and answer as Lockstep does.</summary>
public class RawOnnxModelTests
{
    [Theory]
    [InlineData("nct", true, "numbers texts")]
    [InlineData("cnnctcn", true, "numbers texts")]
    [InlineData("cn", true, "numbers texts")]
    [InlineData("nntn", true, "numbers")]
    [InlineData("nh", true, "numbers")]
    [InlineData("n", false, "numbers")]
    [InlineData("ncn", false, "numbers texts")]
    [InlineData("cc", true, "texts")]
    [InlineData("no", true, "numbers texts")]
    [InlineData("oc", true, "texts")]
    public async Task Export_ModelOfATable_OnnxRuntimeAnswersRawRowsAsLockstep(string columns, bool standardizes, string inputs)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("train.csv", TestTable.Csv(new TestTable(columns, seed: 1).Rows(400, isWild: false)));
        TrainedModel model = await TrainAsync(path, new PreparationOptions { Label = "kind", Standardizes = standardizes });
        var rows = new TestTable(columns, seed: 2).Rows(300, isWild: true);
        float[] expected = model.Predict(model.ReadExamples(folder.Write("new.csv", TestTable.Csv(rows))));

        using var onnx = new RawOnnxModel(model, folder.File("model.onnx"));

        Assert.Equal(inputs.Split(' '), onnx.Inputs);
        AssertSame(expected, onnx.Run(rows), classes: 3);
        Assert.Equal(["high \"one\"", "low", "mëdium"], onnx.Names("classes"));
        Assert.Equal("kind", onnx.Metadata["label"]);
        Assert.Equal(columns.Select((letter, i) => $"{letter}{i}").Where(name => name[0] is 'n' or 't' or 'h'), onnx.Names("numbers"));
        Assert.Equal(columns.Select((letter, i) => $"{letter}{i}").Where(name => name[0] is 'c' or 'o'), onnx.Names("texts"));
        Assert.All(onnx.Inputs, input => Assert.Contains($"'{input}' is ", onnx.Doc, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Export_ModelOfPictures_OnnxRuntimeAnswersRawIntensitiesAsLockstep(int channels)
    {
        const int height = 5, width = 7, count = 40;
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        byte[] pixels = new byte[2 * count * height * width * channels];
        random.NextBytes(pixels);
        byte[][] pictures = [.. pixels.Chunk(height * width * channels)];
        for (int i = 0; i < pictures.Length; i++)
        {
            string place = Directory.CreateDirectory(folder.File(i % 2 == 0 ? "train/dark" : "train/light")).FullName;
            for (int p = 0; p < pictures[i].Length; p++)
                pictures[i][p] = (byte)(pictures[i][p] / 2 + (i % 2 == 0 ? 0 : 127));
            await File.WriteAllBytesAsync(Path.Combine(place, $"{i:D3}.png"), TestPngs.Make(
                width, height, 8, channels == 1 ? TestPngs.Grey : TestPngs.Colour,
                [.. pictures[i].Chunk(width * channels).SelectMany(row => row.Prepend((byte)0))]));
        }

        TrainedModel model = await TrainAsync(folder.File("train"), new PreparationOptions());
        using var onnx = new RawOnnxModel(model, folder.File("model.onnx"));

        Assert.Equal(["pixels"], onnx.Inputs);
        Assert.Equal(["dark", "light"], onnx.Names("classes"));
        Assert.Equal(channels == 1 ? "5x7" : "5x7x3", onnx.Metadata["imageSize"]);
        Assert.False(onnx.Metadata.ContainsKey("label"));
        float[] answers = onnx.Run([.. pictures.SelectMany(picture => picture)], pictures.Length, height, width, channels);
        for (int i = 0; i < pictures.Length; i++)
        {
            float[] expected = model.Predict(model.ReadPicture(folder.File($"train/{(i % 2 == 0 ? "dark" : "light")}/{i:D3}.png")));
            AssertSame(expected, answers.AsSpan(i * 2, 2).ToArray(), classes: 2);
        }
    }

    [Theory]
    [InlineData("nctn", "n0,n3")]
    [InlineData("nn", "n1")]
    public async Task Export_ModelOfTargets_OnnxRuntimeAnswersRawRowsInTheirUnits(string columns, string targets)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("train.csv", TestTable.Csv(new TestTable(columns, seed: 1).Rows(400, isWild: false)));
        TrainedModel model = await TrainAsync(path, new PreparationOptions { Target = targets });
        var rows = new TestTable(columns, seed: 2).Rows(300, isWild: true);
        double[] expected = model.PredictTargets(model.ReadExamples(folder.Write("new.csv", TestTable.Csv(rows))));

        using var onnx = new RawOnnxModel(model, folder.File("model.onnx"));

        float[] answers = onnx.Run(rows);
        Assert.Equal(expected.Length, answers.Length);
        Assert.All(expected.Zip(answers), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.InRange(expected[0], 0, 3); // not standardised
        Assert.Equal(targets.Split(','), onnx.Names("targets"));
        Assert.Empty(onnx.Names("classes"));
        Assert.Contains("'predictions' is float32", onnx.Doc, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ModelThatRefusesMissingValues_AnswersThemWithNaN()
    {
        using var folder = new TemporaryFolder();
        var rows = new TestTable("nc", seed: 1).Rows(400, isWild: false);
        TrainedModel model = await TrainAsync(
            folder.Write("train.csv", TestTable.Csv(rows)), new PreparationOptions { Label = "kind", FillsMissing = false });

        using var onnx = new RawOnnxModel(model, folder.File("model.onnx"));

        float[] answers = onnx.Run([rows[0], new Dictionary<string, string>(rows[0]) { ["n0"] = "" }]);
        Assert.All(answers[..3], probability => Assert.InRange(probability, 0f, 1f));
        Assert.All(answers[3..], probability => Assert.Equal(float.NaN, probability));
    }

    [Fact]
    public async Task Export_Safetensors_HasTheNamesOfTheClasses()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("train.csv", TestTable.Csv(new TestTable("n", seed: 1).Rows(400, isWild: false)));
        TrainedModel model = await TrainAsync(path, new PreparationOptions { Label = "kind" });

        ExportPlan.Make(model, format: null, folder.File("model.safetensors")).Write();

        string head = await File.ReadAllTextAsync(folder.File("model.safetensors"));
        Assert.Contains("\"classes\":", head, StringComparison.Ordinal);
        Assert.Contains("mëdium", head, StringComparison.Ordinal);
    }

    private static async Task<TrainedModel> TrainAsync(string path, PreparationOptions options)
    {
        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = Path.GetDirectoryName(path)! });
        LoadedDataset loaded = await loader.LoadAsync(new DatasetRequest { Path = path, Preparing = options });
        int inputs = (int)loaded.Data.Preparation!.Inputs.Shape.Count;
        ModelSpec model = new ModelBuilder(inputs).Dense(12, Activation.Tanh).Dense(loaded.Data.Outputs).Build();
        var trainer = new Trainer(model, loaded.Data, new TrainerOptions { BatchSize = 32, Epochs = 8, LearningRate = 0.05 });
        return (await trainer.TrainAsync()).Model;
    }

    private static void AssertSame(float[] expected, float[] actual, int classes)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        int[] ours = [.. expected.Chunk(classes).Select(row => row.IndexOf(row.Max()))];
        Assert.Equal(ours, actual.Chunk(classes).Select(row => row.IndexOf(row.Max())));
    }
}
