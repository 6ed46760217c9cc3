using Google.Protobuf;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange.Onnx;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Writes a network as an ONNX model (operator set 17, IR version 8) for inference, without dropout. Its inputs are
/// <see cref="OnnxInput.Of"/>: raw numbers, texts or intensities of the user's own data, which the model prepares itself, or scaled pixels
/// of the catalogue's. Its outputs are <see cref="Logits"/> and <see cref="Probabilities"/>, float32 [batch, classes]; the batch is of any
/// size. A model of targets has the one output <see cref="Predictions"/>, float32 [batch, targets], in the targets' own units.
/// Weights are initializers under their own names; those of dense layers in their own layout, filters as [out, in, row, column].
/// </summary>
public static class OnnxModel
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".onnx";

    /// <summary>Version of the operators.</summary>
    public const int OperatorSet = 17;

    /// <summary>Version of the file format.</summary>
    public const int IrVersion = 8;

    /// <summary>Name of the output before softmax.</summary>
    public const string Logits = "logits";

    /// <summary>Name of the output after softmax; each row sums to 1.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>Name of the output of a model of targets.</summary>
    public const string Predictions = "predictions";

    /// <summary>The operator sets that a model needs, such as <c>17, ai.onnx.ml 3</c>.</summary>
    /// <param name="preparation">What its examples were made of; null where they were taken as they are.</param>
    public static string OperatorSets(Preparation? preparation) => string.Join(", ", Imports(preparation).Select(
        set => set.Domain.Length == 0 ? $"{set.Version}" : $"{set.Domain} {set.Version}"));

    /// <summary>Writes a model; equal input gives equal bytes.</summary>
    /// <param name="destination">The stream; written from its position.</param>
    /// <param name="model">The network.</param>
    /// <param name="parameters">All its parameters, in any order.</param>
    /// <param name="metadata">Metadata of the model, besides those of <paramref name="preparation"/>.</param>
    /// <param name="loss">The loss that it was trained with. Without softmax in the loss, the second output equals the first.</param>
    /// <param name="preparation">What its examples were made of; null where they were taken as they are.</param>
    /// <exception cref="ArgumentException">The parameters are not those of the model, or the prepared inputs are not.</exception>
    public static void Write(
        Stream destination, ModelSpec model, IReadOnlyList<NamedTensor> parameters, IReadOnlyDictionary<string, string> metadata,
        LossKind loss = LossKind.SoftmaxCrossEntropy, Preparation? preparation = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(metadata);
        if (preparation is not null && preparation.Inputs.Shape.Count != model.Inputs)
            throw new ArgumentException(
                $"An example is prepared as {preparation.Inputs.Shape.Count} inputs; the model {model} takes {model.Inputs}.",
                nameof(preparation));
        LittleEndianMachine.Require();
        IReadOnlyList<OnnxInput> inputs = OnnxInput.Of(model, preparation);
        var file = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Lockstep",
            ProducerVersion = ProductVersion.Current,
            DocString = Doc(model, inputs, loss, preparation),
            OpsetImport = { Imports(preparation) },
            Graph = Graph(model, inputs, parameters, loss, preparation),
        };
        foreach ((string key, string value) in metadata.Concat(PreparationMetadata.Of(preparation)).OrderBy(
            pair => pair.Key, StringComparer.Ordinal))
            file.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        file.WriteTo(destination);
    }

    private static IEnumerable<OperatorSetIdProto> Imports(Preparation? preparation)
    {
        yield return new OperatorSetIdProto { Version = OperatorSet };
        if (OnnxPreparation.UsesTableDomain(preparation?.Inputs))
            yield return new OperatorSetIdProto { Domain = OnnxGraph.TableDomain, Version = OnnxPreparation.TableOperatorSet };
    }

    private static string Doc(ModelSpec model, IReadOnlyList<OnnxInput> inputs, LossKind loss, Preparation? preparation)
    {
        string network = $"The network {model}, trained by Lockstep. ";
        string outputs = loss == LossKind.TargetSquaredError
            ? $"'{Predictions}' is float32 [batch, {model.Classes}], in the units of the training data"
            : $"'{Logits}' and '{Probabilities}' are float32 [batch, {model.Classes}]";
        return preparation is null
            ? $"{network}'{OnnxInput.Pixels}' is float32 [batch, {model.Inputs}], each pixel scaled to 0..1 (intensity / 255), "
                + $"row by row from the top left; {outputs}."
            : network + string.Concat(inputs.Select(input => $"'{input.Name}' is {input.TypeAndShape}. {input.Doc} "))
                + $"{outputs}, in the order of the metadata "
                + $"'{(preparation.Targets.Count > 0 ? PreparationMetadata.Targets : PreparationMetadata.Classes)}'.";
    }

    private static GraphProto Graph(
        ModelSpec model, IReadOnlyList<OnnxInput> inputs, IReadOnlyList<NamedTensor> parameters, LossKind loss, Preparation? preparation)
    {
        var layout = new ParameterLayout(model);
        Dictionary<string, NamedTensor> byName = parameters.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        if (parameters.Count != layout.Parameters.Count)
            throw new ArgumentException(
                $"{parameters.Count} tensors; the model has {layout.Parameters.Count} parameters.", nameof(parameters));
        bool hasTargets = loss == LossKind.TargetSquaredError;
        string[] outputs = hasTargets ? [Predictions] : [Logits, Probabilities];
        var graph = new OnnxGraph([.. inputs.Select(input => input.Name), .. outputs]);
        graph.Proto.Input.AddRange(inputs.Select(input => OnnxGraph.Value(input.Name, input.Type, input.Shape, input.Doc)));
        if (hasTargets)
            graph.Proto.Output.Add(Output(Predictions, "The targets, in the units of the training data."));
        else
        {
            graph.Proto.Output.Add(Output(Logits, "Sums of the last layer, before softmax."));
            graph.Proto.Output.Add(Output(Probabilities, "Softmax of the logits: each row sums to 1."));
        }

        string values = preparation is null ? OnnxInput.Pixels : OnnxPreparation.Add(graph, preparation.Inputs);
        if (model.InputShape.Dimensions is [var height, var width, var channels])
            values = ChannelsFirst(height, width, channels);
        foreach ((LayerSpec spec, IReadOnlyList<Parameter> layerParameters) in layout.Layers)
            values = Layer(spec, [values, .. layerParameters.Select(Constant)]);

        if (hasTargets)
        {
            if (preparation is null)
                graph.Add("Identity", [values], Predictions);
            else
                Unscale(preparation.Targets);
            return graph.Proto;
        }

        graph.Add(loss == LossKind.SoftmaxCrossEntropy ? "Softmax" : "Identity", [Logits], Probabilities);
        return graph.Proto;

        ValueInfoProto Output(string name, string doc) => OnnxGraph.Value(name, TensorProto.Types.DataType.Float, [model.Classes], doc);

        // From the standardised outputs to the units of the data.
        void Unscale(IReadOnlyList<TargetSpec> targets)
        {
            string deviations = graph.Constant<float>(
                "targets/deviations", [targets.Count], [.. targets.Select(target => (float)target.Deviation)]);
            string means = graph.Constant<float>("targets/means", [targets.Count], [.. targets.Select(target => (float)target.Mean)]);
            graph.Add("Add", [graph.Add("Mul", [values, deviations], graph.Unique("targets/scaled")), means], Predictions);
        }

        // [batch, height · width · channels] to [batch, channels, height, width].
        string ChannelsFirst(int height, int width, int channels)
        {
            string shape = graph.Constant<long>("maps/shape", [4], [-1, height, width, channels]);
            string maps = graph.Add("Reshape", [values, shape], graph.Unique("maps/channels-last"));
            return graph.Add("Transpose", [maps], graph.Unique("maps"), OnnxGraph.Setting("perm", (long[])[0, 3, 1, 2]));
        }

        string Layer(LayerSpec spec, string[] operands)
        {
            switch (spec)
            {
                case DenseSpec dense:
                    string logits = dense == model.Layers[^1] && !hasTargets ? Logits : graph.Unique($"{dense.Name}/sums");
                    return Activate(dense.Activation, dense.Name, graph.Add("Gemm", operands, logits));
                case ConvolutionSpec { Kernel: var kernel, Stride: var stride, Padding: var padding } convolution:
                    string sums = graph.Add(
                        "Conv", operands, graph.Unique($"{spec.Name}/sums"), OnnxGraph.Setting("kernel_shape", (long[])[kernel, kernel]),
                        OnnxGraph.Setting("strides", (long[])[stride, stride]),
                        OnnxGraph.Setting("pads", (long[])[padding, padding, padding, padding]));
                    return Activate(convolution.Activation, spec.Name, sums);
                case PoolingSpec { Size: var size, Stride: var stride } pooling:
                    return graph.Add(
                        pooling.IsMaximum ? "MaxPool" : "AveragePool", operands, graph.Unique(spec.Name),
                        OnnxGraph.Setting("kernel_shape", (long[])[size, size]), OnnxGraph.Setting("strides", (long[])[stride, stride]));
                case BatchNormSpec norm:
                    return Activate(norm.Activation, spec.Name, graph.Add(
                        "BatchNormalization", operands, graph.Unique($"{spec.Name}/normalized"),
                        OnnxGraph.Fraction("epsilon", norm.Epsilon)));
                case LayerNormSpec norm:
                    return Activate(norm.Activation, spec.Name, graph.Add(
                        "LayerNormalization", operands, graph.Unique($"{spec.Name}/normalized"),
                        OnnxGraph.Fraction("epsilon", norm.Epsilon)));
                case FlattenSpec:
                    return graph.Add("Flatten", operands, graph.Unique(spec.Name), OnnxGraph.Setting("axis", 1));
                default:
                    throw new NotSupportedException($"No operator of ONNX is known for layers of the kind '{spec.Kind.Name}'.");
            }
        }

        string Activate(Activation activation, string name, string sums)
        {
            string result = graph.Unique($"{name}/activations");
            switch (activation)
            {
                case Activation.Silu:
                    return graph.Add("Mul", [sums, graph.Add("Sigmoid", [sums], graph.Unique($"{name}/sigmoid"))], result);
                case Activation.Gelu:
                    // z · (erf(z / sqrt(2)) + 1) / 2: the operator set has no Gelu yet.
                    string erf = graph.Add("Erf", [Multiple(sums, $"{name}/inverse-root-two", 0.70710678f)], graph.Unique($"{name}/erf"));
                    string one = graph.Constant<float>($"{name}/one", [], [1f]);
                    string twice = graph.Add("Add", [erf, one], graph.Unique($"{name}/probability-twice"));
                    return graph.Add("Mul", [sums, Multiple(twice, $"{name}/half", 0.5f)], result);
                default:
                    return Operator(activation) is { } operation ? graph.Add(operation, [sums], result) : sums;
            }
        }

        string Multiple(string values, string name, float factor) =>
            graph.Add("Mul", [values, graph.Constant<float>(name, [], [factor])], graph.Unique($"{name}/product"));

        string Constant(Parameter parameter)
        {
            if (!byName.TryGetValue(parameter.Name, out NamedTensor? tensor) || !tensor.Shape.SequenceEqual(parameter.Shape))
                throw new ArgumentException(
                    $"No tensor '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}].", nameof(parameters));
            if (tensor.Shape.Count > 2)
                tensor = AxisOrder.OutputsFirst(tensor);
            return graph.Constant<float>(parameter.Name, tensor.Shape, tensor.Values);
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
}
