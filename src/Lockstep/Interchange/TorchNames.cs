using System.Globalization;
using System.Text.RegularExpressions;
using Lockstep.Model.Specs;

namespace Lockstep.Interchange;

/// <summary>
/// The names that parameters have in PyTorch's <c>torch.nn.Sequential</c>, where each layer, activation and dropout is a module, and
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
        foreach (LayerSpec layer in model.Layers)
        {
            modules.Add(Module(layer));
            switch (layer)
            {
                case DenseSpec dense:
                    AddActivation(dense.Activation);
                    AddDropout(dense.KeepProb);
                    break;
                case ConvolutionSpec convolution:
                    AddActivation(convolution.Activation);
                    break;
            }
        }

        return modules;

        void AddActivation(Activation activation)
        {
            if (ActivationModule(activation) is { } module)
                modules.Add(module);
        }

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
        int[] modules = [.. Modules(model).Index()
            .Where(module => module.Item.StartsWith("torch.nn.Linear", StringComparison.Ordinal)
                || module.Item.StartsWith("torch.nn.Conv2d", StringComparison.Ordinal))
            .Select(module => module.Index)];
        foreach ((int module, LayerSpec layer) in modules.Zip(WithParameters(model)))
        {
            names[layer.Parameters[0].Spec.Name] = $"{module}.weight";
            names[layer.Parameters[1].Spec.Name] = $"{module}.bias";
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
        LayerSpec[] layers = [.. WithParameters(model)];
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, int module, bool isWeight) in parsed)
        {
            int layer = Array.IndexOf(modules, module);
            if (layer < layers.Length)
                map[name] = layers[layer].Parameters[isWeight ? 0 : 1].Spec.Name;
        }

        return map;
    }

    private static IEnumerable<LayerSpec> WithParameters(ModelSpec model) => model.Layers.Where(layer => layer.Parameters.Count > 0);

    private static string Module(LayerSpec layer) => layer switch
    {
        DenseSpec dense => $"torch.nn.Linear({dense.Inputs}, {dense.Units})",
        ConvolutionSpec { InputChannels: var inputs, Channels: var channels, Kernel: var kernel } convolution =>
            $"torch.nn.Conv2d({inputs}, {channels}, {kernel}{Setting("stride", convolution.Stride, 1)}"
                + $"{Setting("padding", convolution.Padding, 0)})",
        PoolingSpec pooling =>
            $"torch.nn.{(pooling.IsMaximum ? "Max" : "Avg")}Pool2d({pooling.Size}{Setting("stride", pooling.Stride, pooling.Size)})",
        FlattenSpec => "torch.nn.Flatten()",
        _ => throw new NotSupportedException($"No module of PyTorch is known for layers of the kind '{layer.Kind.Name}'."),
    };

    private static string Setting(string name, int value, int usual) => value == usual ? "" : $", {name}={value}";

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
