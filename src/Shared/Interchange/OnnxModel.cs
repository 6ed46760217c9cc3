using System.Runtime.InteropServices;
using Google.Protobuf;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange.Onnx;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Writes a network as an ONNX model (operator set 17, IR version 8) for inference, without dropout. Input <see cref="Input"/> [batch,
/// inputs], outputs <see cref="Logits"/> and <see cref="Probabilities"/> [batch, classes]; all float32, for any batch. Weights are
/// initializers under their own names and in their own layout.
/// </summary>
public static class OnnxModel
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".onnx";

    /// <summary>Version of the operators.</summary>
    public const int OperatorSet = 17;

    /// <summary>Version of the file format.</summary>
    public const int IrVersion = 8;

    /// <summary>Name of the input: pixels scaled to 0..1, intensity / 255, row by row.</summary>
    public const string Input = "pixels";

    /// <summary>Name of the output before softmax.</summary>
    public const string Logits = "logits";

    /// <summary>Name of the output after softmax; each row sums to 1.</summary>
    public const string Probabilities = "probabilities";

    private const string Batch = "batch";

    /// <summary>Writes a model; equal input gives equal bytes.</summary>
    /// <param name="destination">The stream; written from its position.</param>
    /// <param name="model">The network.</param>
    /// <param name="parameters">All its parameters, in any order.</param>
    /// <param name="metadata">Metadata of the model.</param>
    /// <param name="loss">The loss that it was trained with. Without softmax in the loss, the second output equals the first.</param>
    /// <exception cref="ArgumentException">The parameters are not those of the model.</exception>
    public static void Write(
        Stream destination, ModelSpec model, IReadOnlyList<NamedTensor> parameters, IReadOnlyDictionary<string, string> metadata,
        LossKind loss = LossKind.SoftmaxCrossEntropy)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(metadata);
        LittleEndianMachine.Require();
        var file = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Lockstep",
            ProducerVersion = ProductVersion.Current,
            DocString = $"The network {model}, trained by Lockstep. '{Input}' is float32 [batch, {model.Inputs}], "
                + "each pixel scaled to 0..1 (intensity / 255), "
                + $"row by row from the top left; '{Logits}' and '{Probabilities}' are float32 [batch, {model.Classes}].",
            OpsetImport = { new OperatorSetIdProto { Version = OperatorSet } },
            Graph = Graph(model, parameters, loss),
        };
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            file.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        file.WriteTo(destination);
    }

    private static GraphProto Graph(ModelSpec model, IReadOnlyList<NamedTensor> parameters, LossKind loss)
    {
        var layout = new ParameterLayout(model);
        Dictionary<string, NamedTensor> byName = parameters.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        if (parameters.Count != layout.Parameters.Count)
            throw new ArgumentException(
                $"{parameters.Count} tensors; the model has {layout.Parameters.Count} parameters.", nameof(parameters));
        var names = new HashSet<string>([Input, Logits, Probabilities], StringComparer.Ordinal);
        var graph = new GraphProto
        {
            Name = "lockstep",
            Input = { Value(Input, model.Inputs, "Pixels scaled to 0..1 (intensity / 255), row by row.") },
            Output =
            {
                Value(Logits, model.Classes, "Sums of the last layer, before softmax."),
                Value(Probabilities, model.Classes, "Softmax of the logits: each row sums to 1."),
            },
        };
        string values = Input;
        foreach ((LayerSpec spec, IReadOnlyList<Parameter> layerParameters) in layout.Layers)
        {
            if (spec is not DenseSpec layer)
                throw new NotSupportedException($"No operator of ONNX is known for layers of the kind '{spec.Kind.Name}'.");
            bool last = layer == model.Layers[^1];
            string[] inputs = [values, .. layerParameters.Select(Constant)];
            values = last ? Logits : Unique($"{layer.Name}/sums");
            graph.Node.Add(Node("Gemm", inputs, values));
            if (Operator(layer.Activation) is { } activation)
            {
                string activated = Unique($"{layer.Name}/activations");
                graph.Node.Add(Node(activation, [values], activated));
                values = activated;
            }
        }

        graph.Node.Add(Node(loss == LossKind.SoftmaxCrossEntropy ? "Softmax" : "Identity", [Logits], Probabilities));
        return graph;

        // All values of a graph share one namespace, and a parameter may be called like the input.
        string Unique(string name)
        {
            while (!names.Add(name))
                name += "_";
            return name;
        }

        string Constant(Parameter parameter)
        {
            if (!byName.TryGetValue(parameter.Name, out NamedTensor? tensor) || !tensor.Shape.SequenceEqual(parameter.Shape))
                throw new ArgumentException(
                    $"No tensor '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}].", nameof(parameters));
            string name = Unique(parameter.Name);
            var constant = new TensorProto
            {
                Name = name,
                DataType = (int)TensorProto.Types.DataType.Float,
                RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(tensor.Values.AsSpan())),
            };
            constant.Dims.AddRange(tensor.Shape.Select(dimension => (long)dimension));
            graph.Initializer.Add(constant);
            return name;
        }
    }

    /// <summary>The ONNX operator of an activation; null for none. LeakyRelu's default slope is 0.01.</summary>
    private static string? Operator(Activation activation) => activation switch
    {
        Activation.Linear => null,
        Activation.Relu => "Relu",
        Activation.Tanh => "Tanh",
        Activation.Sigmoid => "Sigmoid",
        Activation.LeakyRelu => "LeakyRelu",
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No operator of ONNX is known for this activation."),
    };

    private static NodeProto Node(string operation, string[] inputs, string output)
    {
        var node = new NodeProto { Name = $"{operation}:{output}", OpType = operation, Output = { output } };
        node.Input.AddRange(inputs);
        return node;
    }

    private static ValueInfoProto Value(string name, int width, string doc) => new()
    {
        Name = name,
        DocString = doc,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim =
                    {
                        new TensorShapeProto.Types.Dimension { DimParam = Batch },
                        new TensorShapeProto.Types.Dimension { DimValue = width },
                    },
                },
            },
        },
    };
}
