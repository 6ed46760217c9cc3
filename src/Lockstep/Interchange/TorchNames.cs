using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;

namespace Lockstep.Interchange;

/// <summary>
/// The names that parameters have in PyTorch's <c>torch.nn.Sequential</c>, where each layer, activation and dropout is a module, and
/// modules are counted from 0: <c>0.weight</c>, <c>0.bias</c>, for the next layer <c>2.weight</c>, or <c>3.weight</c> after a dropout.
/// </summary>
internal static partial class TorchNames
{
    // Of a layer's parameters, in their order.
    private static readonly ImmutableArray<string> Kinds = ["weight", "bias", "running_mean", "running_var"];

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
    /// Names in the model by names in a file. A file may be of a network of another class than <c>Sequential</c>, such as <c>fc1.weight</c>
    /// and <c>fc2.weight</c>, or have prefixes, such as <c>module.</c> of <c>DataParallel</c> and <c>_orig_mod.</c> of
    /// <c>torch.compile</c>. As many modules as the model has layers are these, in ascending order of the numbers in their names, which
    /// must not differ otherwise. Else this holds for modules of each kind (matrices, filters, vectors) and the layers of that kind.
    /// Leaves out all others.
    /// </summary>
    /// <param name="shapes">Shape by name.</param>
    /// <param name="model">The network.</param>
    public static Dictionary<string, string> ToModel(IReadOnlyDictionary<string, IReadOnlyList<int>> shapes, ModelSpec model)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        string suffix = $".{Kinds[0]}";
        (string Module, int Rank)[] modules = [.. shapes.Where(tensor => tensor.Key.EndsWith(suffix, StringComparison.Ordinal))
            .Select(tensor => (tensor.Key[..^suffix.Length], tensor.Value.Count))];
        LayerSpec[] layers = [.. WithParameters(model)];
        if (modules.Length == layers.Length && Match(modules, layers))
            return map;
        foreach (IGrouping<int, LayerSpec> kind in layers.GroupBy(layer => layer.Parameters[0].Shape.Dimensions.Count))
            _ = Match(modules.Where(module => module.Rank == kind.Key), kind);
        return map;

        bool Match(IEnumerable<(string Module, int Rank)> modules, IEnumerable<LayerSpec> layers)
        {
            string[] names = [.. modules.Select(module => module.Module).Order(NaturalOrder.Instance)];
            if (names.Select(name => Digits().Replace(name, "")).Distinct().Count() > 1)
                return false;
            foreach ((string name, LayerSpec layer) in names.Zip(layers))
            {
                foreach ((LayerParameter parameter, string kind) in layer.Parameters.Zip(Kinds))
                {
                    if (shapes.ContainsKey($"{name}.{kind}"))
                        map[$"{name}.{kind}"] = parameter.Spec.Name;
                }
            }

            return true;
        }
    }

    /// <summary>What a tensor belongs to that no layer of Lockstep is, by PyTorch's names; null for any other.</summary>
    public static string? UnsupportedLayer(string name, int rank)
    {
        string last = name[(name.LastIndexOf('.') + 1)..];
        return last.StartsWith("weight_ih_l", StringComparison.Ordinal) || last.StartsWith("weight_hh_l", StringComparison.Ordinal)
            || last.StartsWith("bias_ih_l", StringComparison.Ordinal) || last.StartsWith("bias_hh_l", StringComparison.Ordinal)
            ? "a recurrent layer (RNN, LSTM, GRU)"
            : last is "in_proj_weight" or "in_proj_bias" ? "attention"
            : last is "weight_g" or "weight_v" ? "a layer with weight normalisation"
            : last == Kinds[0] && rank == 3 ? "a convolution of one dimension"
            : last == Kinds[0] && rank == 5 ? "a convolution of three dimensions"
            : null;
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

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^torch\.nn\.(Linear|Conv2d|BatchNorm|LayerNorm)")]
    private static partial Regex HasParameters();
}
