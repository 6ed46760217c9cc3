using Lockstep.Model.Specs;
using Lockstep.Networks;

namespace Lockstep.Tests;

/// <summary>Ways to say what is trained.</summary>
public class ModelTests
{
    [Fact]
    public void Build_Layers_HasTheDefaultsOfAModelFile()
    {
        ModelSpec model = new ModelBuilder(784, inputKeepProb: 0.9).Dense(256, keepProb: 0.5, l2: 0.01)
            .Dense(10, name: "logits", learningRate: 0.2).Build();

        Assert.Equal("784-256-10", model.ToString());
        Assert.Equal(0.9, model.InputKeepProb);
        Assert.Equal(
            ["dense_784x256/weights", "dense_784x256/biases", "logits/weights", "logits/biases"],
            model.Parameters.Select(parameter => parameter.Name));
        DenseSpec first = (DenseSpec)model.Layers[0], last = (DenseSpec)model.Layers[1];
        Assert.Equal(
            (Activation.Relu, 0.5, Initializer.He, 0.01), (first.Activation, first.KeepProb, first.Weights.Initializer, first.Weights.L2));
        Assert.Equal(
            (Activation.Linear, 1.0, Initializer.Xavier, 0.2),
            (last.Activation, last.KeepProb, last.Weights.Initializer, last.Weights.LearningRate));
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void Build_AnyActivation_IsThatOfTheLayer(Activation activation) =>
        Assert.Equal(
            activation, Assert.IsType<DenseSpec>(new ModelBuilder(64).Dense(16, activation).Dense(4).Build().Layers[0]).Activation);

    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Fact]
    public void Build_InitializerAndFrozenLayer_AreKept()
    {
        Initializer initializer = Initializer.Parse("truncated_normal(0, 0.1)");

        ModelSpec model = new ModelBuilder(64).Dense(16, initializer: initializer, trainable: false).Dense(4).Build();

        Assert.Equal(initializer, model.Layers[0].Parameters[0].Spec.Initializer);
        Assert.Equal([false, false, true, true], model.Parameters.Select(parameter => parameter.IsTrainable));
    }

    [Fact]
    public void Build_ManyMistakes_TellsAll()
    {
        var builder = new ModelBuilder(64).Dense(16, keepProb: 0).Dense(257);

        var refused = Assert.Throws<ModelFileException>(() => builder.Build());

        Assert.Equal(2, refused.Problems.Count);
    }

    [Fact]
    public void Build_TwoLayersOfOneShape_NeedNames()
    {
        var refused = Assert.Throws<ModelFileException>(() => new ModelBuilder(64).Dense(64).Dense(64).Dense(4).Build());
        Assert.Contains("dense_64x64", refused.Message);
    }

    [Fact]
    public void Load_File_ReadsTheModel()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("model.json");
        File.WriteAllText(file, """{ "inputs": 64, "layers": [{ "units": 8, "name": "first" }, { "units": 4 }] }""");

        Assert.Equal("first/weights", Models.Load(file).Parameters.First().Name);
    }

    [Fact]
    public void Freeze_Pattern_FreezesWhatItMatches()
    {
        ModelSpec model = Models.Parse("64-16-4").Freeze("layer0/*,layer1/biases");
        Assert.Equal([false, false, true, false], model.Parameters.Select(parameter => parameter.IsTrainable));
    }

    [Fact]
    public void Freeze_PatternWithoutAMatch_IsRefused()
    {
        var refused = Assert.Throws<ArgumentException>(() => Models.Parse("64-16-4").Freeze("layer2/*"));
        Assert.Contains("'layer2/*' matches no parameter", refused.Message);
    }
}
