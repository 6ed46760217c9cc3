using System.Text;
using Lockstep.Interchange;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Interchange;

public sealed class ImportPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Make_BiasesThatAreARowOrAColumn_AreTaken(int rows, int columns)
    {
        string path = Npz(("layer0/weights", [3, 2]), ("layer0/biases", [rows, columns]));

        ImportPlan plan = ImportPlan.Make(WeightsFile.Read(path), ModelSpec.Parse("3-2"));

        Assert.Equal([2], plan.Tensors[1].Shape);
        Assert.Equal([rows, columns], plan.ShapeInFile("layer0/biases"));
    }

    [Fact]
    public void Make_BiasesOfAnotherLength_AreRefused() =>
        Assert.Throws<RequestException>(
            () => ImportPlan.Make(WeightsFile.Read(Npz(("layer0/weights", [3, 2]), ("layer0/biases", [1, 3]))), ModelSpec.Parse("3-2")));

    [Theory]
    [InlineData("module.0.weight", "module.0.bias", "module.2.weight", "module.2.bias")]
    [InlineData("_orig_mod.fc1.weight", "_orig_mod.fc1.bias", "_orig_mod.fc2.weight", "_orig_mod.fc2.bias")]
    public void Make_NamesOfPyTorch_AreRecognisedWithTheirLayout(string weights0, string biases0, string weights1, string biases1)
    {
        string path = Npz((weights1, [2, 4]), (biases1, [2]), (weights0, [4, 3]), (biases0, [4]));

        Assert.Equal("3-4-2", WeightsFile.Read(path).Network);
        Assert.Equal(4, ImportPlan.Make(WeightsFile.Read(path), ModelSpec.Parse("3-4-2")).Tensors.Count);
    }

    [Fact]
    public void NetworkOf_NormalisationBetween_IsThere() => Assert.Equal("3-4-bn-2", NetworkOf(
        ("0.weight", [4, 3]), ("0.bias", [4]), ("1.weight", [4]), ("1.bias", [4]), ("1.running_mean", [4]), ("1.running_var", [4]),
        ("3.weight", [2, 4]), ("3.bias", [2])));

    [Fact]
    public void NetworkOf_NormalisationWithTheNumberOfItsLayer_StandsBehindIt() => Assert.Equal("3-4-bn-2", NetworkOf(
        ("bn1.weight", [4]), ("bn1.bias", [4]), ("bn1.running_mean", [4]), ("bn1.running_var", [4]), ("fc1.weight", [4, 3]),
        ("fc1.bias", [4]), ("fc2.weight", [2, 4]), ("fc2.bias", [2])));

    [Fact]
    public void NetworkOf_LayersWithoutBias_IsThatOfLayersWithOne() => Assert.Equal("3-4-bn-2", NetworkOf(
        ("0.weight", [4, 3]), ("1.weight", [4]), ("1.bias", [4]), ("1.running_mean", [4]), ("1.running_var", [4]), ("3.weight", [2, 4])));

    [Fact]
    public void Make_ConvolutionWithoutBiasBelowNormalisation_HasZeros()
    {
        string path = Npz(
            ("conv1.weight", [2, 1, 3, 3]), ("bn1.weight", [2]), ("bn1.bias", [2]), ("bn1.running_mean", [2]), ("bn1.running_var", [2]),
            ("fc.weight", [10, 18]));

        ImportPlan plan = ImportPlan.Make(WeightsFile.Read(path), NetworkText.Parse("5x5x1-conv:2x3-bn-10").ToModel());

        Assert.Equal(
            ["conv1.weight", null, "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "fc.weight", null],
            plan.Rows.Select(row => row.Source));
        Assert.Equal(["layer0/biases", "layer1/biases"], plan.Rows.Where(row => row.Source is null).Select(row => row.Parameter));
        Assert.Equal(new float[10], plan.Tensors[^1].Values);
    }

    [Theory]
    [InlineData("bias", "layer0/biases [2] is not in the file")]
    [InlineData("layer0/weights", "layer0/weights [3, 2] is not in the file")]
    public void Make_BiasThatMayHaveAnotherNameOrNoWeights_IsMissing(string other, string problem)
    {
        string path = other == "bias" ? Npz(("layer0/weights", [3, 2]), (other, [2])) : Npz(("layer0/biases", [2]));

        string message = Assert.Throws<RequestException>(() => ImportPlan.Make(WeightsFile.Read(path), ModelSpec.Parse("3-2"))).Message;

        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.weight 4 3")]
    [InlineData("a.weight 4 3,b.weight 2 5")]
    [InlineData("a.weight 4 3,a.bias 4,b.weight 2 5,b.bias 2")]
    [InlineData("a.weight 4 1 3 3,a.bias 4")]
    public void NetworkOf_WhatIsNoChainOfDenseLayers_IsUnknown(string tensors) =>
        Assert.Null(NetworkOf([.. tensors.Split(',').Select(tensor => tensor.Split(' ')).Select(
            parts => (parts[0], (int[])[.. parts.Skip(1).Select(int.Parse)]))]));

    [Fact]
    public void Make_OtherNames_SuggestsOneMapThatWorks()
    {
        string path = Npz(("dense,b", [4]), ("dense,W", [3, 4]), ("out=b", [2]), ("out=W", [4, 2]));
        ModelSpec model = ModelSpec.Parse("3-4-2");

        string message = Assert.Throws<RequestException>(() => ImportPlan.Make(WeightsFile.Read(path), model)).Message;

        const string lead = "Then give --map '";
        string map = message[(message.IndexOf(lead, StringComparison.Ordinal) + lead.Length)..message.LastIndexOf('\'')];
        ImportPlan plan = ImportPlan.Make(WeightsFile.Read(path), model, new InterchangeOptions { Map = NameMap.Parse(map).Names });
        Assert.Equal(["dense,W", "dense,b", "out=W", "out=b"], plan.Rows.Select(row => row.Source));
    }

    [Theory]
    [InlineData("lstm.weight_ih_l0", new[] { 8, 3 }, "a recurrent layer")]
    [InlineData("attention.in_proj_weight", new[] { 9, 3 }, "attention")]
    [InlineData("conv.weight", new[] { 4, 3, 3 }, "a convolution of one dimension")]
    public void Make_LayersThatLockstepDoesNotHave_AreNamed(string name, int[] shape, string layer)
    {
        string path = Npz((name, shape), ("fc.weight", [2, 3]), ("fc.bias", [2]));

        string message = Assert.Throws<RequestException>(() => ImportPlan.Make(WeightsFile.Read(path), ModelSpec.Parse("3-2"))).Message;

        Assert.Contains($"It is of {layer}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=layer0/weights,b=layer0/biases")]
    [InlineData("{\"a,b\":\"layer0/weights\",\"c=d\":\"layer0/biases\"}")]
    public void NameMap_Text_IsReadBackAsWritten(string text) => Assert.Equal(text, NameMap.Parse(text).ToString());

    [Fact]
    public void Load_WeightsOfOthersWhereACheckpointIsExpected_NamesThemAndTheCommand()
    {
        string npz = Npz(("layer0/weights", [3, 2]), ("layer0/biases", [2])), safetensors = _folder.File("it's.safetensors");
        using (FileStream file = File.Create(safetensors))
            SafetensorsFile.Write(file, [new NamedTensor("a", [1], [1])], new Dictionary<string, string>());

        Assert.Contains(
            $"is not a checkpoint, but an archive of NumPy's arrays. Make one of it: lockstep import {npz} --out weights.ckpt",
            Refusal(npz), StringComparison.Ordinal);
        Assert.Contains(
            $"lockstep import {ShellWord.Of(safetensors)} --out 'it'\\''s.ckpt'", Refusal(safetensors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PK\u0003\u0004", "a zip archive")]
    [InlineData("\u0080\u0002}q\u0000", "a Python pickle. A pickle can run any code")]
    [InlineData("\u0089HDF\r\n", "an HDF5 file, as Keras writes them. Save the arrays")]
    [InlineData("\b\b\u0012\u0007pytorch", "an ONNX model")]
    [InlineData("<!DOCTYPE html>", "a web page")]
    [InlineData("\u0089PNG\r\n", "a PNG picture. To show it to a model: lockstep predict RUN --image ")]
    [InlineData("{\"a\": 1}", "a JSON document")]
    public void Load_OtherKindOfFile_IsNamed(string content, string kind)
    {
        File.WriteAllBytes(_folder.File("a.ckpt"), Encoding.Latin1.GetBytes(content));

        Assert.Contains($"is not a checkpoint, but {kind}", Refusal(_folder.File("a.ckpt")), StringComparison.Ordinal);
    }

    private string? NetworkOf(params (string Name, int[] Shape)[] tensors) => WeightsFile.Read(Npz(tensors)).Network;

    private static string Refusal(string path) => Assert.Throws<CheckpointException>(() => CheckpointStore.Load(path)).Message;

    private string Npz(params (string Name, int[] Shape)[] tensors)
    {
        using FileStream file = File.Create(_folder.File("weights.npz"));
        NpzFile.Write(file, [.. tensors.Select(tensor => new NamedTensor(
            tensor.Name, tensor.Shape, new float[tensor.Shape.Aggregate(1, (product, dimension) => product * dimension)]))]);
        return file.Name;
    }
}
