using System.Globalization;
using System.Text.RegularExpressions;
using Lockstep.Model.Specs;

namespace Lockstep.Interchange;

/// <summary>
/// The names that parameters have in PyTorch's <c>torch.nn.Sequential</c>, where each linear layer, activation and dropout is a module, and
/// modules are counted from 0: <c>0.weight</c>, <c>0.bias</c>, for the next layer <c>2.weight</c>, or <c>3.weight</c> after a dropout.
/// </summary>
internal static partial class TorchNames
{
    /// <summary>Whether a name is one of these.</summary>
    public static bool Match(string name) => Form().IsMatch(name);

    /// <summary>The modules of the network, each as Python makes it, in order.</summary>
    public static IReadOnlyList<string> Modules(ModelSpec model)
    {
        var modules = new List<string>();
        AddDropout(model.InputKeepProb);
        foreach (DenseSpec layer in model.Layers.Cast<DenseSpec>())
        {
            modules.Add($"torch.nn.Linear({layer.Inputs}, {layer.Units})");
            if (ActivationModule(layer.Activation) is { } activation)
                modules.Add(activation);
            AddDropout(layer.KeepProb);
        }

        return modules;

        void AddDropout(double keepProb)
        {
            if (keepProb < 1)
                modules.Add(string.Create(CultureInfo.InvariantCulture, $"torch.nn.Dropout({1 - (decimal)keepProb})"));
        }
    }

    /// <summary>For every parameter of a model, the name in PyTorch.</summary>
    public static Dictionary<string, string> OfModel(ModelSpec model)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        int[] linear = [.. Modules(model).Index()
            .Where(module => module.Item.StartsWith("torch.nn.Linear", StringComparison.Ordinal))
            .Select(module => module.Index)];
        for (int i = 0; i < linear.Length; i++)
        {
            var layer = (DenseSpec)model.Layers[i];
            names[layer.Weights.Name] = $"{linear[i]}.weight";
            names[layer.Biases.Name] = $"{linear[i]}.bias";
        }

        return names;
    }

    /// <summary>
    /// Names in the model by names in a file: the numbers in ascending order are the layers, because modules without parameters lie between
    /// them. Leaves out names of another form, and layers that the model does not have.
    /// </summary>
    public static Dictionary<string, string> ToModel(IEnumerable<string> names, ModelSpec model)
    {
        (string Name, int Module, bool IsWeight)[] parsed = [.. names
            .Select(name => (name, match: Form().Match(name)))
            .Where(pair => pair.match.Success)
            .Select(pair => (
                pair.name,
                int.Parse(pair.match.Groups["module"].Value, CultureInfo.InvariantCulture),
                pair.match.Groups["kind"].Value == "weight"))];
        int[] modules = [.. parsed.Select(parameter => parameter.Module).Distinct().Order()];
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, int module, bool isWeight) in parsed)
        {
            int layer = Array.IndexOf(modules, module);
            if (layer < model.Layers.Count)
                map[name] = model.Layers[layer].Parameters[isWeight ? 0 : 1].Spec.Name;
        }

        return map;
    }

    private static string? ActivationModule(Activation activation) => activation switch
    {
        Activation.Linear => null,
        Activation.Relu => "torch.nn.ReLU()",
        Activation.Tanh => "torch.nn.Tanh()",
        Activation.Sigmoid => "torch.nn.Sigmoid()",
        Activation.LeakyRelu => "torch.nn.LeakyReLU(0.01)",
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No module of PyTorch is known for this activation."),
    };

    [GeneratedRegex(@"^(?<module>\d{1,6})\.(?<kind>weight|bias)$")]
    private static partial Regex Form();
}
