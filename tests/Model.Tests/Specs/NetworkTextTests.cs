using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class NetworkTextTests
{
    [Theory]
    [InlineData("784-256-10")]
    [InlineData("28x28-conv:6x5p2-pool2-conv:16x5-pool2-120-84-10")]
    [InlineData("32x32x3-conv:8x3s2p1-avgpool3s2-10")]
    [InlineData("28x28-conv:6x5-bn-pool2-bn-20-bn-9-ln-10")]
    public void Parse_TextOfAModel_ComesBackFromTheModel(string text)
    {
        ModelSpec model = ModelSpec.Parse(text);
        Assert.Equal(text, model.ToString());
        Assert.Empty(model.Validate());
        Assert.Equal(ModelFile.Write(model), ModelFile.Write(ModelFile.Parse(ModelFile.Write(model))));
    }

    [Fact]
    public void ToModel_LeNet5_HasItsLayersAndParameters()
    {
        ModelSpec model = NetworkText.Parse("lenet5").ToModel(new TensorShape(28, 28, 1), classes: 10);
        Assert.Equal("28x28-conv:6x5p2-pool2-conv:16x5-pool2-120-84-10", model.ToString());
        Assert.Equal(61_706, model.Layers.Sum(layer => layer.Parameters.Sum(parameter => parameter.Shape.Count)));
        Assert.Equal(
            ["layer0", "pool0", "layer1", "pool1", "flatten", "layer2", "layer3", "layer4"], model.Layers.Select(layer => layer.Name));
        Assert.Equal("1 x 5 x 5 x 6", model.Layers[0].Parameters[0].Shape.ToString());
        Assert.Equal(25 * 1, model.Layers[0].Parameters[0].Inputs);
    }

    [Fact]
    public void Parse_Normalisation_TakesOverActivationAndDropoutOfTheLayerBelow()
    {
        ModelSpec model = ModelSpec.Parse("28x28-conv:6x5-bn-pool2-bn-20-ln-9-10", keepProb: 0.5);
        Assert.Equal(
            [
                ("layer0", "Linear"), ("norm0", "Relu"), ("pool0", ""), ("norm1", "Linear"), ("flatten", ""), ("layer1", "Linear 1"),
                ("norm2", "Relu 0.5"), ("layer2", "Relu 0.5"), ("layer3", "Linear 1"),
            ],
            model.Layers.Select(layer => (layer.Name, layer switch
            {
                DenseSpec dense => $"{dense.Activation} {dense.KeepProb}",
                LayerNormSpec norm => $"{norm.Activation} {norm.KeepProb}",
                BatchNormSpec norm => $"{norm.Activation}",
                ConvolutionSpec convolution => $"{convolution.Activation}",
                _ => "",
            })));
        Assert.Equal([1f, 0f, 0f, 1f], model.Layers[1].Parameters.Select(parameter => (float)parameter.Spec.Initializer.First));
        Assert.Equal([false, false, true, true], model.Layers[1].Parameters.Select(parameter => parameter.IsStatistic));
    }

    [Theory]
    [InlineData("in-20-out", "300-20-7")]
    [InlineData("conv:4x3-out", "10x10x3-conv:4x3-7")]
    [InlineData("in-conv:4x3-9", "10x10x3-conv:4x3-9")]
    public void ToModel_WordsOfTheData_AreItsSizes(string text, string expected)
    {
        NetworkText parsed = NetworkText.Parse(text);
        Assert.True(parsed.FollowsData);
        Assert.Equal(expected, parsed.ToModel(new TensorShape(10, 10, 3), classes: 7).ToString());
    }

    [Theory]
    [InlineData("784", "it needs at least inputs and classes")]
    [InlineData("784-x-10", "'x' is neither a width from 1 to 65536 nor a layer such as conv:16x3p1, pool2, avgpool2, bn or ln")]
    [InlineData("784-out-20-10", "'out' is not in its place: 'in' is the first part, 'out' the last")]
    [InlineData("784-20-in-10", "'in' is not in its place")]
    [InlineData("28x28-conv6x5-10", "'conv6x5' is not a convolution; expected filters and size such as conv:16x3")]
    [InlineData("28x28-conv:6x5-pool-10", "'pool' is not a pooling; expected its size such as pool2")]
    [InlineData("28x28-conv:6x5-BN-10", "'BN' is not a normalisation; expected 'bn' of a batch or 'ln' of a layer")]
    [InlineData("784-20-batchnorm-10", "'batchnorm' is not a normalisation")]
    [InlineData("bn-784-20-10", "'bn' comes first")]
    [InlineData("784-257", "257 outputs, expected 1 to 256")]
    [InlineData("28x28-conv:6x5", "it ends with 'conv:6x5'; the last layer is dense")]
    [InlineData("784-conv:6x5-10", "a vector comes in. Begin with such as 28x28")]
    [InlineData("28x28-100-conv:6x5-10", "a vector comes in")]
    [InlineData("28x28-conv:6x29-10", "window of 29 x 29 on maps of 28 x 28; expected a smaller one")]
    [InlineData("28x28-conv:6x5p5-10", "padding 5 for a kernel of 5; expected less")]
    [InlineData("28x28-conv:0x5-10", "channels 0; expected a whole number from 1")]
    [InlineData("28x28-conv:99999999999x5-10", "channels 2147483647; expected")]
    [InlineData("28x28-pool0-10", "size 0; expected a whole number from 1 to 64")]
    [InlineData("28x28-pool29-10", "window of 29 x 29")]
    [InlineData("28x28-conv:6-10", "'conv:6' is not a convolution")]
    [InlineData("2000x2000-conv:9x3-10", "values; expected at most 4194304")]
    [InlineData("300x300-pool1-10", "a dense layer takes at most 65536")]
    [InlineData("28x28-conv:6x5-ln-10", "'ln' normalises a vector, but maps come in. Maps take 'bn'")]
    [InlineData("784-bn-10", "'bn' comes first")]
    [InlineData("784-20-bn", "it ends with 'bn'")]
    [InlineData("conv:4x3-9", "the inputs are those of the data")]
    public void Parse_Mistake_IsSaid(string text, string expected)
    {
        var error = Assert.Throws<FormatException>(() => ModelSpec.Parse(text));
        Assert.StartsWith($"'{text}' is not a model: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelFile_Maps_AreReadWithTheirDefaults()
    {
        ModelSpec model = ModelFile.Parse(
            """
            {
              "inputs": [28, 28, 1],
              "layers": [
                { "kind": "convolution", "channels": 6, "kernel": 5, "padding": 2, "activation": "tanh" },
                { "kind": "averagePool", "size": 2 },
                { "kind": "convolution", "channels": 16, "kernel": 5, "stride": 2, "trainable": false },
                { "kind": "maxPool", "size": 2, "stride": 1, "name": "top" },
                { "kind": "flatten" },
                { "units": 10 }
              ]
            }
            """);
        Assert.Equal("28x28-conv:6x5p2-avgpool2-conv:16x5s2-pool2s1-10", model.ToString());
        Assert.Equal(["conv_1x6x5", "pool_28x28x6", "conv_6x16x5", "top", "flatten", "dense_256x10"], model.Layers.Select(layer => layer.Name));
        Assert.Equal(Activation.Tanh, ((ConvolutionSpec)model.Layers[0]).Activation);
        Assert.Equal(Initializer.Xavier, model.Layers[0].Parameters[0].Spec.Initializer);
        Assert.All(model.Layers[2].Parameters, parameter => Assert.False(parameter.Spec.IsTrainable));
    }

    [Theory]
    [InlineData("""{ "inputs": 784, "layers": [{ "kind": "convolution", "channels": 6, "kernel": 5 }, { "units": 10 }] }""", "it reads maps")]
    [InlineData("""{ "inputs": [28, 28, 1], "layers": [{ "units": 10 }] }""", "put a layer of the kind \"flatten\" between")]
    [InlineData("""{ "inputs": [28, 28], "layers": [{ "units": 10 }] }""", "inputs")]
    [InlineData("""{ "inputs": [28, 28, 0], "layers": [{ "kind": "flatten" }, { "units": 10 }] }""", "inputs[2]")]
    [InlineData("""{ "inputs": [3, 3, 1], "layers": [{ "kind": "maxPool", "size": 4 }, { "kind": "flatten" }, { "units": 10 }] }""", "window of 4 x 4")]
    [InlineData("""{ "inputs": [28, 28, 1], "layers": [{ "kind": "maxPool" }, { "kind": "flatten" }, { "units": 10 }] }""", "size")]
    public void ModelFile_Mistake_IsSaid(string json, string expected)
    {
        var error = Assert.Throws<ModelFileException>(() => ModelFile.Parse(json));
        Assert.Contains(error.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }
}
