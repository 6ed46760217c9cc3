using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Interchange.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Lockstep.Shared.Tests.Interchange;

/// <summary>
/// The inputs that an ONNX model of the user's own data makes of raw ones: a layer of ones on the diagonal gives them back.
/// </summary>
public class OnnxPreparationTests
{
    private static readonly CategoryColumn Colour = new("colour", ["", "blå", "red"]), Empty = new("empty", []), Same = new("same", ["x"]);
    private static readonly NumberColumn Width = new("width", 2, 4), Time = new("time", 1.7e9, 0.5), Plain = new("plain", 0, 1);

    [Fact]
    public void Write_NumbersBetweenTexts_KeepsTheOrderOfTheTable()
    {
        float[] inputs = Run(
            new TableSpec([Width, Colour, Time, Plain, Empty, Same], FillsMissing: true),
            Numbers(10, 1_700_000_000.25, -3.5, double.NaN, double.NaN, double.NaN),
            Texts("red", "anything", "x", "blå", "", "X"));

        Assert.Equal([2, 0, 0, 1, 0.5f, -3.5f, 1, /* */ 0, 0, 1, 0, 0, 0, 0], inputs);
    }

    [Fact]
    public void Write_AnEmptyTextThatIsACategory_IsOne() =>
        Assert.Equal([1, 0, 0], Run(new TableSpec([Colour], FillsMissing: true), Texts("")));

    [Fact]
    public void Write_OnlyNumbers_TakesNoTexts() =>
        Assert.Equal([0, 0.5f], Run(new TableSpec([Plain, Time], FillsMissing: true), Numbers(double.NaN, 1_700_000_000.25)));

    [Fact]
    public void Write_MissingValuesAreRefused_NaNStaysNaN() =>
        Assert.Equal([1, 2, float.NaN, float.NaN], Run(new TableSpec([Plain, Width], FillsMissing: false), Numbers(1, 10, 1, double.NaN)));

    [Fact]
    public void Write_ColumnOfTextsWithoutCategories_IsTakenAndIgnored() =>
        Assert.Equal([7, 0], Run(new TableSpec([Empty, Plain], FillsMissing: true), Numbers(7), Texts("what")));

    [Fact]
    public void Write_ManyCategories_EachHasItsInput()
    {
        string[] categories = [.. Enumerable.Range(0, 200).Select(i => $"category {i:D4}")];

        float[] inputs = Run(
            new TableSpec([new CategoryColumn("c", categories)], FillsMissing: true), Texts("category 0000", "category 0199"));

        Assert.Equal([0, 399], Enumerable.Range(0, 400).Where(i => inputs[i] == 1));
        Assert.Equal(2f, inputs.Sum());
    }

    [Fact]
    public void Write_Image_DividesIntensitiesBy255()
    {
        byte[] pixels = [0, 51, 255, 102, 1, 2];
        float[] inputs = Run(
            new ImageSpec(1, 2, 3, IsResized: true),
            NamedOnnxValue.CreateFromTensor("pixels", new DenseTensor<byte>(pixels, [1, 1, 2, 3])));

        Assert.Equal(pixels.Select(pixel => pixel / 255f), inputs);
    }

    [Fact]
    public void Write_Table_SaysWhatGoesIn()
    {
        ModelProto written = ModelProto.Parser.ParseFrom(Write(new TableSpec([Width, Colour, Time], FillsMissing: true)));

        Assert.Equal([("", 17L), ("ai.onnx.ml", 3L)], written.OpsetImport.Select(set => (set.Domain, set.Version)));
        Assert.Equal(
            ["classes=[\"a \\\"b\\\"\",\"ø\"]", "label=kind", "numbers=[\"width\",\"time\"]", "step=7", "texts=[\"colour\"]"],
            written.MetadataProps.Select(entry => $"{entry.Key}={entry.Value}"));
        Assert.Contains("'numbers' is float64 [batch, 2]. Columns of numbers", written.DocString, StringComparison.Ordinal);
        Assert.Contains("'texts' is string [batch, 1]. Columns of texts", written.DocString, StringComparison.Ordinal);
        Assert.Contains("in the order of the metadata 'classes'", written.DocString, StringComparison.Ordinal);
        Assert.All(written.Graph.Input, input => Assert.NotEmpty(input.DocString));
    }

    [Fact]
    public void Write_TableOfNumbers_NeedsOnlyTheOperatorsOfOnnx() =>
        Assert.Single(ModelProto.Parser.ParseFrom(Write(new TableSpec([Width], FillsMissing: true))).OpsetImport);

    [Fact]
    public void Write_PreparationOfAnotherWidth_IsRefused()
    {
        var refused = Assert.Throws<ArgumentException>(() => Write(new TableSpec([Width], FillsMissing: true), inputs: 2));
        Assert.Contains("prepared as 1 inputs; the model 2-2 takes 2", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Write_OnnxChecker_FindsNothing()
    {
        Python.Require("onnx");
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder.File("table.onnx"), Write(new TableSpec([Width, Colour, Time, Empty], FillsMissing: true)));
        File.WriteAllBytes(folder.File("image.onnx"), Write(new ImageSpec(4, 5, 3, IsResized: false)));

        Assert.Equal("checked", Python.Run(
            """
            import sys, onnx
            for name in sys.argv[1:]:
                onnx.checker.check_model(onnx.load(name), full_check=True)
            print("checked")
            """, folder.File("table.onnx"), folder.File("image.onnx")).Trim());
    }

    private static NamedOnnxValue Numbers(params double[] values) => Input("numbers", values);

    private static NamedOnnxValue Texts(params string[] values) => Input("texts", values);

    /// <summary>Columns of values; <see cref="Run"/> finds out how many.</summary>
    private static NamedOnnxValue Input<T>(string name, T[] values) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, [values.Length]));

    private static float[] Run(InputSpec spec, params NamedOnnxValue[] values)
    {
        using var session = new InferenceSession(Write(spec));
        Assert.Equal(values.Select(value => value.Name), session.InputNames);
        foreach (NamedOnnxValue value in values)
        {
            int columns = session.InputMetadata[value.Name].Dimensions[^1];
            if (value.Value is DenseTensor<double> numbers)
                value.Value = numbers.Reshape([(int)numbers.Length / columns, columns]);
            else if (value.Value is DenseTensor<string> texts)
                value.Value = texts.Reshape([(int)texts.Length / columns, columns]);
        }

        using var outputs = session.Run(values);
        return [.. outputs.Single(output => output.Name == OnnxModel.Logits).AsTensor<float>()];
    }

    private static byte[] Write(InputSpec spec, int? inputs = null)
    {
        int width = inputs ?? (int)spec.Shape.Count, outputs = Math.Max(2, width);
        // Named like the inputs of the file, which must not confuse it.
        ModelSpec model = ModelSpec.Parse($"{width}-{outputs}").WithParameters(
            parameter => parameter with { Name = parameter.Name.EndsWith("weights", StringComparison.Ordinal) ? "numbers" : "texts" });
        float[] weights = new float[width * outputs];
        for (int i = 0; i < width; i++)
            weights[i * outputs + i] = 1;
        NamedTensor[] parameters = [new("numbers", [width, outputs], weights), new("texts", [outputs], new float[outputs])];
        var preparation = new Preparation
        {
            Inputs = spec,
            Classes = ["a \"b\"", "ø"],
            Label = spec is TableSpec ? "kind" : null,
            Split = new SplitSpec(0.1, 0.1, 1),
        };
        using var file = new MemoryStream();
        OnnxModel.Write(
            file, model, parameters, new Dictionary<string, string> { ["step"] = "7" },
            LossKind.SoftmaxCrossEntropy, preparation);
        return file.ToArray();
    }
}
