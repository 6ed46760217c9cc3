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
        Assert.Equal(names.ToDictionary(pair => pair.Value, pair => pair.Key), TorchNames.ToModel(names.Values, model));
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

    [Fact]
    public void ToModel_NumbersInAnyOrder_AreTheLayersInAscendingOne()
    {
        Dictionary<string,
        string> map = TorchNames.ToModel(
            ["10.weight", "2.bias", "2.weight", "10.bias", "11.weight", "fc.weight", "2.running_mean"], ModelSpec.Parse("784-20-10"));

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["2.weight"] = "layer0/weights", ["2.bias"] = "layer0/biases", ["10.weight"] = "layer1/weights",
                ["10.bias"] = "layer1/biases",
            },
            map);
    }
}
