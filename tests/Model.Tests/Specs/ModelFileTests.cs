using System.Text;
using System.Text.Json;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class ModelFileTests
{
    [Fact]
    public void Parse_EverythingGiven_IsTaken()
    {
        ModelSpec model = ModelFile.Parse(
            """
            {
              "$schema": "model.schema.json",
              "inputs": 784, "inputKeepProb": 0.9,
              "layers": [
                { // the tutorial's names
                  "name": "hidden", "units": 256, "activation": "linear", "keepProb": 0.5, "initializer": "truncated_normal(0, 0.1)",
                  "trainable": false, "l2": 0.01, "learningRate": 0.5,
                  "weights": "weights_0", "biases": { "name": "bias_0", "initializer": "constant(0.1)", "trainable": true, "l2": 0.5, "learningRate": 2 },
                },
                { "units": 10 },
              ]
            }
            """,
            keepProb: 0.8);

        Assert.Equal((784, 0.9, 2), (model.Inputs, model.InputKeepProb, model.Layers.Count));
        DenseSpec hidden = model.Dense[0], last = model.Dense[1];
        Assert.Equal(
            ("hidden", 784, 256, Activation.Linear, 0.5), (hidden.Name, hidden.Inputs, hidden.Units, hidden.Activation, hidden.KeepProb));
        Assert.Equal(
            new ParameterSpec
            {
                Name = "weights_0", Initializer = Initializer.Parse(
                "truncated_normal(0, 0.1)"), IsTrainable = false, L2 = 0.01, LearningRate = 0.5
            },
            hidden.Weights);
        Assert.Equal(
            new ParameterSpec { Name = "bias_0", Initializer = Initializer.Parse("constant(0.1)"), L2 = 0.5, LearningRate = 2 },
            hidden.Biases);
        Assert.Equal(("dense_256x10", 256, Activation.Linear, 1.0), (last.Name, last.Inputs, last.Activation, last.KeepProb));
        Assert.Equal(new ParameterSpec { Name = "dense_256x10/weights", Initializer = Initializer.Xavier }, last.Weights);
    }

    [Fact]
    public void Parse_LittleGiven_TakesTheCallersDefaults()
    {
        DenseSpec hidden = ModelFile.Parse("""{ "inputs": 4, "layers": [{ "units": 3 }, { "units": 2 }] }""", 0.7, Initializer.Parse("uniform(-1, 1)")).Dense[0];
        Assert.Equal((Activation.Relu, 0.7, "uniform(-1, 1)"), (hidden.Activation, hidden.KeepProb, hidden.Weights.Initializer.ToString()));
        Assert.Equal(Initializer.He, ModelFile.Parse("""{ "inputs": 4, "layers": [{ "units": 3 }, { "units": 2 }] }""").Dense[0].Weights.Initializer);
    }

    [Fact]
    public void Parse_LayersAddedAndRemovedAround_KeepsAutomaticNames()
    {
        string[] Names(string layers) => [.. ModelFile.Parse($$"""{ "inputs": 784, "layers": [{{layers}}] }""").Parameters.Select(parameter => parameter.Name)];
        string[] before = Names("""{ "units": 256 }, { "units": 10 }""");
        string[] after = Names("""{ "units": 256 }, { "units": 128 }, { "units": 256 }, { "units": 10 }""");
        Assert.Equal(["dense_784x256/weights", "dense_784x256/biases", "dense_256x10/weights", "dense_256x10/biases"], before);
        Assert.All(before, name => Assert.Contains(name, after));
    }

    [Theory]
    [InlineData("""{ "units": 8 }, { "units": 8 }, { "units": 8 }, { "units": 2 }""", "layers[2] and layers[1] are both called 'dense_8x8'; give one of them a \"name\"")]
    [InlineData("""{ "units": 8, "weights": "w", "biases": "w" }, { "units": 2 }""", "2 parameters are called 'w'")]
    [InlineData("""{ "units": 8, "weights": "a*" }, { "units": 2 }""", "the parameter name 'a*' contains '*'")]
    [InlineData("""{ "units": 8, "trainable": false }, { "units": 2, "trainable": false }""", "every parameter is frozen")]
    [InlineData("""{ "units": 0 }, { "units": 2 }""", "layers[0].units is 0; expected a whole number from 1 to 65,536")]
    [InlineData("""{ "units": 8 }, { "units": 0 }""", "layers[1].units is 0; expected a whole number from 1 to 256")]
    [InlineData("""{ "units": 8 }, { }""", "layers[1].units is missing")]
    [InlineData("""{ "units": 8, "activation": "ReLU" }, { "units": 2 }""", "layers[0].activation is \"ReLU\"; did you mean relu?")]
    [InlineData("""{ "units": 8 }, { "units": 2, "activation": "relu" }""", "layers[1].activation: the last layer gives logits")]
    [InlineData("""{ "units": 8 }, { "units": 2, "keepProb": 0.5 }""", "layers[1].keepProb: the last layer gives logits")]
    [InlineData("""{ "units": 8, "keepProb": 0 }, { "units": 2 }""", "layers[0].keepProb is 0; expected a number from 1/65536 to 1")]
    [InlineData("""{ "units": 8, "initializer": "glorot" }, { "units": 2 }""", "layers[0].initializer: 'glorot' is not an initialiser")]
    [InlineData("""{ "units": 8, "l2": -1 }, { "units": 2 }""", "layers[0].l2 is -1")]
    [InlineData("""{ "units": 8, "weights": { "trainabel": false } }, { "units": 2 }""", "layers[0].weights.trainabel is unknown; did you mean trainable?")]
    [InlineData("""{ "units": 8, "weights": 7 }, { "units": 2 }""", "layers[0].weights is 7; expected an object")]
    [InlineData("7", "layers[0] is 7; expected an object")]
    [InlineData("""{ "units": 8, "units": 9 }, { "units": 2 }""", "layers[0].units is given twice; keep one of them.")]
    [InlineData("", "layers is an empty list; expected a list of at least one")]
    public void Parse_Mistake_SaysWhereAndWhatIsExpected(string layers, string expected)
    {
        var error = Assert.Throws<ModelFileException>(() => ModelFile.Parse($$"""{ "inputs": 784, "layers": [{{layers}}] }"""));
        Assert.Contains(expected, Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SeveralMistakes_ReportsAll()
    {
        var error = Assert.Throws<ModelFileException>(() => ModelFile.Parse("""{ "inputs": 0, "inputKeepProb": 2, "layrs": [] }"""));
        Assert.Equal(4, error.Problems.Count);
    }

    [Fact]
    public void Parse_KindThatIsNone_IsTheOnlyMistake()
    {
        var error = Assert.Throws<ModelFileException>(() => ModelFile.Parse(
            """{ "inputs": [9, 9, 1], "layers": [{ "kind": "batchnorm", "momentum": 0.2 }, { "kind": "maxPool", "size": 2 }, { "kind": "flatten" }, { "units": 2 }] }"""));
        Assert.Equal("layers[0].kind is \"batchnorm\"; did you mean batchNorm?", Assert.Single(error.Problems));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{ "inputs": 784, "layers": { } }""")]
    [InlineData("""{ "inputs": 65536, "layers": [{ "units": 65536 }, { "units": 10 }] }""")]
    public void Parse_NoModel_IsRefused(string json) =>
        Assert.NotEmpty(Assert.Throws<ModelFileException>(() => ModelFile.Parse(json)).Problems);

    [Fact]
    public void Write_AnyModel_IsReadBackTheSame()
    {
        ModelSpec model = ModelFile.Parse("""{ "inputs": 9, "inputKeepProb": 0.5, "layers": [{ "units": 8, "biases": { "learningRate": 0.1, "l2": 1 } }, { "units": 3, "trainable": false }] }""", 0.25);
        string Text(ModelSpec spec)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
                ModelFile.Write(writer, spec);
            return Encoding.UTF8.GetString(stream.ToArray());
        }

        ModelSpec again = ModelFile.Parse(Text(model));
        Assert.Equal(model.Layers, again.Layers);
        Assert.Equal(model.InputKeepProb, again.InputKeepProb);
    }

    [Fact]
    public void Schema_InTheDocuments_KnowsWhatIsRead()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "model.schema.json")));
        string[] Keys(string definition) => [.. schema.RootElement.GetProperty("$defs").GetProperty(definition).GetProperty("properties").EnumerateObject().Select(key => key.Name)];
        string Refusal(string json) => Assert.Throws<ModelFileException>(() => ModelFile.Parse(json)).Message;
        Assert.EndsWith(
            $"expected one of {string.Join(", ", schema.RootElement.GetProperty("properties").EnumerateObject().Select(key => key.Name))}.",
            Refusal("""{ "inputs": 4, "x": 1, "layers": [{ "units": 2 }] }"""), StringComparison.Ordinal);
        foreach ((string definition, string kind) in new[] { ("dense", "dense"), ("convolution", "convolution"), ("pooling", "maxPool"), ("flatten", "flatten"), ("batchNorm", "batchNorm"), ("layerNorm", "layerNorm") })
        {
            Assert.Contains(
                $"expected one of {string.Join(", ", Keys(definition))}.",
                Refusal($$"""{ "inputs": [4, 4, 1], "layers": [{ "kind": "{{kind}}", "x": 1 }, { "units": 2 }] }"""), StringComparison.Ordinal);
        }

        Assert.EndsWith($"expected one of {string.Join(", ", Keys("parameter"))}.", Refusal("""{ "inputs": 4, "layers": [{ "units": 2, "weights": { "x": 1 } }] }"""), StringComparison.Ordinal);
        string[] activations = [.. schema.RootElement.GetProperty("$defs").GetProperty("dense").GetProperty("properties").GetProperty("activation").GetProperty("enum").EnumerateArray().Select(name => name.GetString()!)];
        Assert.Equal(ModelFile.Activations, activations);
    }
}
