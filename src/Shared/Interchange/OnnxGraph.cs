using System.Runtime.InteropServices;
using Google.Protobuf;
using Lockstep.Shared.Interchange.Onnx;

namespace Lockstep.Shared.Interchange;

/// <summary>Puts the graph of an ONNX model together: nodes and constants, each with a name of its own.</summary>
/// <param name="reserved">Names of the graph's inputs and outputs.</param>
internal sealed class OnnxGraph(IEnumerable<string> reserved)
{
    /// <summary>Name of the first dimension of every input and output, which is of any size.</summary>
    public const string Batch = "batch";

    /// <summary>Domain of the operators for tables; an operator set of its own.</summary>
    public const string TableDomain = "ai.onnx.ml";

    // All values of a graph share one namespace, and a parameter may be called like an input.
    private readonly HashSet<string> _names = new(reserved, StringComparer.Ordinal);

    /// <summary>The graph so far.</summary>
    public GraphProto Proto { get; } = new() { Name = "lockstep" };

    /// <summary>A name that no value of the graph has yet.</summary>
    /// <param name="name">The name to begin with.</param>
    public string Unique(string name)
    {
        while (!_names.Add(name))
            name += "_";
        return name;
    }

    /// <summary>Adds an operation.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">Names of its inputs.</param>
    /// <param name="output">Name of its result.</param>
    /// <param name="attributes">Its settings.</param>
    /// <returns>Name of its result.</returns>
    public string Add(string operation, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { Name = $"{operation}:{output}", OpType = operation, Output = { output } };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes);
        Proto.Node.Add(node);
        return output;
    }

    /// <summary>Adds a constant.</summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="name">Its name, or the beginning of it.</param>
    /// <param name="shape">Its dimensions; none for a single number.</param>
    /// <param name="values">Its elements, row-major.</param>
    /// <returns>Its name.</returns>
    public string Constant<T>(string name, IEnumerable<int> shape, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        name = Unique(name);
        var constant = new TensorProto
        {
            Name = name,
            DataType = (int)(typeof(T) == typeof(float) ? TensorProto.Types.DataType.Float
                : typeof(T) == typeof(double) ? TensorProto.Types.DataType.Double
                : typeof(T) == typeof(long) ? TensorProto.Types.DataType.Int64
                : throw new NotSupportedException($"No constants of {typeof(T).Name}.")),
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        constant.Dims.AddRange(shape.Select(dimension => (long)dimension));
        Proto.Initializer.Add(constant);
        return name;
    }

    /// <summary>A fraction as a setting of an operation.</summary>
    public static AttributeProto Fraction(string name, double value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    /// <summary>A whole number as a setting of an operation.</summary>
    public static AttributeProto Setting(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>Whole numbers as a setting of an operation.</summary>
    public static AttributeProto Setting(string name, IEnumerable<long> values)
    {
        var setting = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        setting.Ints.AddRange(values);
        return setting;
    }

    /// <summary>Texts as a setting of an operation.</summary>
    public static AttributeProto Setting(string name, IEnumerable<string> values)
    {
        var setting = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        setting.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return setting;
    }

    /// <summary>Name, type and shape of an input or output.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="shape">Its dimensions after the batch.</param>
    /// <param name="doc">What it holds.</param>
    public static ValueInfoProto Value(string name, TensorProto.Types.DataType type, IEnumerable<int> shape, string doc)
    {
        var dimensions = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = Batch } } };
        dimensions.Dim.AddRange(shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            DocString = doc,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }
}
