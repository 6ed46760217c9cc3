using Lockstep.Model.Specs;
using Lockstep.Shared.Interchange.Onnx;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// The beginning of an ONNX model of the user's own data: makes the network's inputs of raw ones, as <c>Lockstep.Data.Preparing</c> does
/// for training.
/// </summary>
internal static class OnnxPreparation
{
    /// <summary>Version of the operators for tables.</summary>
    public const int TableOperatorSet = 3;

    /// <summary>Adds the operations.</summary>
    /// <param name="graph">The graph, without a node.</param>
    /// <param name="spec">What becomes of the raw inputs.</param>
    /// <returns>Name of the value [batch, inputs], in float32, that the first layer takes.</returns>
    public static string Add(OnnxGraph graph, InputSpec spec) => spec switch
    {
        ImageSpec => Scale(graph),
        TableSpec table => Table(graph, table),
        _ => throw new NotSupportedException($"No operators of ONNX are known for {spec.GetType().Name}."),
    };

    /// <summary>Whether an operation is one of <see cref="OnnxGraph.TableDomain"/>.</summary>
    public static bool UsesTableDomain(InputSpec? spec) => spec is TableSpec table && table.Columns.Any(HasCategories);

    /// <summary>[batch, height, width, channels] in uint8 to [batch, inputs].</summary>
    private static string Scale(OnnxGraph graph)
    {
        string floats = Cast(graph, OnnxInput.Pixels, "preparation/floats");
        string scaled = graph.Add(
            "Div", [floats, graph.Constant("preparation/255", [], [255f])], graph.Unique("preparation/scaled"));
        return graph.Add("Flatten", [scaled], graph.Unique("preparation/inputs"), OnnxGraph.Setting("axis", 1));
    }

    private static string Table(OnnxGraph graph, TableSpec table)
    {
        NumberColumn[] numbers = [.. table.Columns.OfType<NumberColumn>()];
        string standardised = numbers.Length > 0 ? Standardise(graph, numbers, table.FillsMissing) : "";
        List<string> parts = [];
        int number = 0, text = 0;
        for (int i = 0; i < table.Columns.Count;)
        {
            if (table.Columns[i] is CategoryColumn category)
            {
                // The operator needs at least one category; a column without any is no input.
                if (HasCategories(category))
                    parts.Add(Encode(graph, category, text));
                text++;
                i++;
                continue;
            }

            int run = table.Columns.Skip(i).TakeWhile(column => column is NumberColumn).Count();
            long[] columns = [.. Enumerable.Range(number, run).Select(column => (long)column)];
            parts.Add(run == numbers.Length
                ? standardised
                : Gather(graph, standardised, $"preparation/numbers{number}", [run], columns));
            number += run;
            i += run;
        }

        return parts.Count == 1
            ? parts[0]
            : graph.Add("Concat", [.. parts], graph.Unique("preparation/inputs"), OnnxGraph.Setting("axis", 1));
    }

    /// <summary>(x - mean) / deviation in float64, rounded to float32; 0 for NaN where values may be missing.</summary>
    private static string Standardise(OnnxGraph graph, NumberColumn[] columns, bool fillsMissing)
    {
        string means = graph.Constant<double>("preparation/means", [columns.Length], [.. columns.Select(column => column.Mean)]);
        string deviations = graph.Constant<double>(
            "preparation/deviations", [columns.Length], [.. columns.Select(column => column.Deviation)]);
        string centred = graph.Add("Sub", [OnnxInput.Numbers, means], graph.Unique("preparation/centred"));
        string divided = graph.Add("Div", [centred, deviations], graph.Unique("preparation/divided"));
        string standardised = Cast(graph, divided, "preparation/standardised");
        if (!fillsMissing)
            return standardised;
        string missing = graph.Add("IsNaN", [OnnxInput.Numbers], graph.Unique("preparation/missing"));
        return graph.Add(
            "Where", [missing, graph.Constant("preparation/zero", [], [0f]), standardised], graph.Unique("preparation/filled"));
    }

    /// <summary>[batch, categories]: 1 for the category of the text, and zeros alone for a text that is none.</summary>
    private static string Encode(OnnxGraph graph, CategoryColumn column, int text)
    {
        string texts = Gather(graph, OnnxInput.Texts, $"preparation/text{text}", [], [text]);
        string encoded = graph.Add(
            "OneHotEncoder", [texts], graph.Unique($"preparation/categories{text}"),
            OnnxGraph.Setting("cats_strings", column.Categories), OnnxGraph.Setting("zeros", 1));
        graph.Proto.Node[^1].Domain = OnnxGraph.TableDomain;
        return encoded;
    }

    private static string Gather(OnnxGraph graph, string values, string output, int[] shape, long[] columns) => graph.Add(
        "Gather", [values, graph.Constant<long>($"{output}/columns", shape, columns)], graph.Unique(output), OnnxGraph.Setting("axis", 1));

    private static string Cast(OnnxGraph graph, string values, string output) => graph.Add(
        "Cast", [values], graph.Unique(output), OnnxGraph.Setting("to", (long)TensorProto.Types.DataType.Float));

    private static bool HasCategories(ColumnSpec column) => column is CategoryColumn { Inputs: > 0 };
}
