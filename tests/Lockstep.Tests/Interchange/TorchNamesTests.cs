using Lockstep.Interchange;
using Lockstep.Model.Specs;

namespace Lockstep.Lockstep.Tests.Interchange;

public class TorchNamesTests
{
    [Fact]
    public void OfModel_NoDropout_CountsLayersAndActivations() =>
        Assert.Equal(
            ["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"],
            TorchNames.OfModel(ModelSpec.Parse("784-20-15-10")).Values);

    [Fact]
    public void OfModel_DropoutOnInputAndHiddenLayers_CountsThemToo()
    {
        ModelSpec model = ModelSpec.Parse("784-20-15-10", keepProb: 0.9) with { InputKeepProb = 0.8 };

        Assert.Equal(["1.weight", "1.bias", "4.weight", "4.bias", "7.weight", "7.bias"], TorchNames.OfModel(model).Values);
        Assert.Equal(
            [
                "torch.nn.Dropout(0.2)", "torch.nn.Linear(784, 20)", "torch.nn.ReLU()", "torch.nn.Dropout(0.1)",
                "torch.nn.Linear(20, 15)", "torch.nn.ReLU()", "torch.nn.Dropout(0.1)", "torch.nn.Linear(15, 10)",
            ],
            TorchNames.Modules(model));
    }

    [Fact]
    public void Modules_Normalisation_HasItsRunningAverages()
    {
        ModelSpec model = ModelSpec.Parse("12x12x3-conv:4x3-bn-pool2-9-bn-7-ln-5");

        Assert.Equal(
            [
                "torch.nn.Conv2d(3, 4, 3)", "torch.nn.BatchNorm2d(4)", "torch.nn.ReLU()", "torch.nn.MaxPool2d(2)", "torch.nn.Flatten()",
                "torch.nn.Linear(100, 9)", "torch.nn.BatchNorm1d(9)", "torch.nn.ReLU()", "torch.nn.Linear(9, 7)", "torch.nn.LayerNorm(7)",
                "torch.nn.ReLU()", "torch.nn.Linear(7, 5)",
            ],
            TorchNames.Modules(model));
        Dictionary<string, string> names = TorchNames.OfModel(model);
        Assert.Equal(
            ["1.weight", "1.bias", "1.running_mean", "1.running_var"],
            model.Layers[1].Parameters.Select(parameter => names[parameter.Spec.Name]));
        Assert.Equal(names.ToDictionary(pair => pair.Value, pair => pair.Key), TorchNames.ToModel(ShapesOf(model, names), model));
    }

    [Fact]
    public void Modules_EveryActivation_HasOne()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            ModelSpec model = ModelSpec.Parse("784-20-10");
            model = model with { Layers = [(DenseSpec)model.Layers[0] with { Activation = activation }, model.Layers[1]] };

            Assert.Equal(activation == Activation.Linear ? 2 : 3, TorchNames.Modules(model).Count);
        }
    }

    [Theory]
    [InlineData("10.weight", "10.bias", "2.weight", "2.bias")]
    [InlineData("module.2.weight", "module.2.bias", "module.0.weight", "module.0.bias")]
    [InlineData("module._orig_mod.layers.10.weight", "module._orig_mod.layers.10.bias", "module._orig_mod.layers.9.weight", "x")]
    [InlineData("fc2.weight", "fc2.bias", "fc1.weight", "fc1.bias")]
    [InlineData("net.fc10.weight", "net.fc10.bias", "net.fc9.weight", "net.fc9.bias")]
    public void ToModel_ModulesWithNumbers_AreTheLayersInAscendingOrder(string weights1, string biases1, string weights0, string biases0)
    {
        var shapes = new Dictionary<string, IReadOnlyList<int>>
        {
            [weights1] = [10, 20], [biases1] = [10], [weights0] = [20, 784], [biases0] = [20],
        };

        Dictionary<string, string> map = TorchNames.ToModel(shapes, ModelSpec.Parse("784-20-10"));

        Assert.Equal("layer0/weights", map[weights0]);
        Assert.Equal("layer1/weights", map[weights1]);
        Assert.Equal("layer1/biases", map[biases1]);
        Assert.Equal(biases0 == "x" ? 3 : 4, map.Count);
    }

    [Fact]
    public void ToModel_FiltersMatricesAndVectors_AreCountedApart()
    {
        ModelSpec model = ModelSpec.Parse("12x12-conv:4x3-bn-conv:5x3-pool2-9-10");
        string[] modules = ["conv1", "bn1", "conv2", "fc1", "fc2"];
        var names = new Dictionary<string, string>();
        foreach ((LayerSpec layer, string module) in model.Layers.Where(layer => layer.Parameters.Count > 0).Zip(modules))
        {
            foreach ((LayerParameter parameter, string kind) in layer.Parameters.Zip(["weight", "bias", "running_mean", "running_var"]))
                names[parameter.Spec.Name] = $"{module}.{kind}";
        }

        Assert.Equal(
            names.ToDictionary(pair => pair.Value, pair => pair.Key), TorchNames.ToModel(ShapesOf(model, names), model));
    }

    [Fact]
    public void ToModel_ModulesWhoseOrderNoNumberTells_AreLeftOut() =>
        Assert.Empty(TorchNames.ToModel(
            new Dictionary<string, IReadOnlyList<int>> { ["output.weight"] = [10, 20], ["hidden.weight"] = [20, 784] },
            ModelSpec.Parse("784-20-10")));

    // The reader needs the number of dimensions only.
    private static Dictionary<string, IReadOnlyList<int>> ShapesOf(ModelSpec model, Dictionary<string, string> names) =>
        model.Layers.SelectMany(layer => layer.Parameters).ToDictionary(
            parameter => names[parameter.Spec.Name], parameter => parameter.Shape.Dimensions);
}
