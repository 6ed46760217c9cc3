using System.Collections.Immutable;
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
    // Of a layer's parameters, in their order.
    private static readonly ImmutableArray<string> Kinds = ["weight", "bias", "running_mean", "running_var"];

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
                case NormalizationSpec norm:
                    AddActivation(norm.Activation);
                    AddDropout(norm.KeepProb);
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
            .Where(module => HasParameters().IsMatch(module.Item)).Select(module => module.Index)];
        foreach ((int module, LayerSpec layer) in modules.Zip(WithParameters(model)))
        {
            foreach ((LayerParameter parameter, string kind) in layer.Parameters.Zip(Kinds))
                names[parameter.Spec.Name] = $"{module}.{kind}";
        }

        return names;
    }

    /// <summary>
    /// Names in the model by names in a file: the numbers in ascending order are the layers, because modules without parameters lie between
    /// them. Leaves out names of another form, and layers that the model does not have.
    /// </summary>
    public static Dictionary<string, string> ToModel(IEnumerable<string> names, ModelSpec model)
    {
        (string Name, int Module, int Kind)[] parsed = [.. names
            .Select(name => (name, match: Form().Match(name)))
            .Where(pair => pair.match.Success)
            .Select(pair => (
                pair.name,
                int.Parse(pair.match.Groups["module"].Value, CultureInfo.InvariantCulture),
                Kinds.IndexOf(pair.match.Groups["kind"].Value)))];
        int[] modules = [.. parsed.Select(parameter => parameter.Module).Distinct().Order()];
        LayerSpec[] layers = [.. WithParameters(model)];
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, int module, int kind) in parsed)
        {
            int layer = Array.IndexOf(modules, module);
            if (layer < layers.Length && kind < layers[layer].Parameters.Count)
                map[name] = layers[layer].Parameters[kind].Spec.Name;
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
        BatchNormSpec norm =>
            $"torch.nn.BatchNorm{(norm.InputShape.IsFlat ? 1 : 2)}d({norm.InputChannels}"
                + $"{Setting("eps", norm.Epsilon, 1e-5)}{Setting("momentum", norm.Momentum, 0.1)})",
        LayerNormSpec norm => $"torch.nn.LayerNorm({norm.Inputs}{Setting("eps", norm.Epsilon, 1e-5)})",
        _ => throw new NotSupportedException($"No module of PyTorch is known for layers of the kind '{layer.Kind.Name}'."),
    };

    private static string Setting(string name, double value, double usual) =>
        value == usual ? "" : string.Create(CultureInfo.InvariantCulture, $", {name}={value}");

    private static string? ActivationModule(Activation activation) => activation switch
    {
        Activation.Linear => null,
        Activation.Relu => "torch.nn.ReLU()",
        Activation.Tanh => "torch.nn.Tanh()",
        Activation.Sigmoid => "torch.nn.Sigmoid()",
        Activation.LeakyRelu => "torch.nn.LeakyReLU(0.01)",
        Activation.Gelu => "torch.nn.GELU()",
        Activation.Silu => "torch.nn.SiLU()",
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No module of PyTorch is known for this activation."),
    };

    [GeneratedRegex(@"^(?<module>\d{1,6})\.(?<kind>weight|bias|running_mean|running_var)$")]
    private static partial Regex Form();

    [GeneratedRegex(@"^torch\.nn\.(Linear|Conv2d|BatchNorm|LayerNorm)")]
    private static partial Regex HasParameters();
}
