using System.Runtime.Intrinsics;
using Lockstep.Model.Kernels;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// Initial weights. Value i of parameter p depends only on the Philox block with counter (i, p, attempt, initialization), with i counted
/// row-major without padding and p in layer order, so any part can be computed alone. Padding is zero.
/// </summary>
public static class Initialization
{
    /// <summary>Fills the flat vector of all parameters.</summary>
    /// <param name="spec">The run spec; its model gives the initialisers, its seed the key.</param>
    /// <param name="layout">Layout of the spec's model.</param>
    /// <param name="weights">The flat vector.</param>
    /// <exception cref="ArgumentException">The vector's length is not that of the layout.</exception>
    public static void Fill(RunSpec spec, ParameterLayout layout, Span<float> weights)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(layout);
        if (weights.Length != layout.Length)
            throw new ArgumentException($"{weights.Length} weights; the layout of {spec.Model} has {layout.Length}.", nameof(weights));
        weights.Clear();
        for (int i = 0; i < layout.ByLayer.Count; i++)
            Fill(layout.ByLayer[i], (uint)i, spec.Seed, weights);
    }

    private static void Fill(Parameter parameter, uint index, ulong seed, Span<float> flat)
    {
        Initializer initializer = parameter.Spec.Initializer;
        if (initializer.Kind == InitializerKind.Zeros)
            return;
        (double shift, double scale) = initializer.Kind switch
        {
            InitializerKind.Xavier => (0.0, Math.Sqrt(6.0 / (parameter.Definition.Inputs + parameter.Definition.Outputs))),
            InitializerKind.He => (0.0, Math.Sqrt(2.0 / parameter.Definition.Inputs)),
            InitializerKind.Constant => (initializer.First, 0.0),
            InitializerKind.Uniform => ((initializer.First + initializer.Second) / 2, (initializer.Second - initializer.First) / 2),
            _ => (initializer.First, initializer.Second),
        };
        for (int row = 0; row < parameter.Rows; row++)
        {
            Span<float> values = flat.Slice(parameter.Offset + row * parameter.Stride, parameter.Columns);
            for (int column = 0; column < values.Length; column++)
                values[column] = (float)(shift + scale * Draw(initializer.Kind, (uint)(row * parameter.Columns + column), index, seed));
        }
    }

    private static double Draw(InitializerKind kind, uint value, uint parameter, ulong seed)
    {
        uint tag = Philox4x32.Tag(RandomPurpose.Initialization);
        for (uint attempt = 0; ; attempt++)
        {
            Vector128<uint> words = Philox4x32.Block(value, parameter, attempt, tag, seed);
            if (kind is InitializerKind.Xavier or InitializerKind.Uniform)
                return 2.0 * Uniform(words[0], words[1]) - 1.0;
            double normal = Normal(words);
            if (kind != InitializerKind.TruncatedNormal || Math.Abs(normal) <= 2.0)
                return normal;
        }
    }

    /// <summary>A standard normal number from one block by the Box-Muller transform (1958).</summary>
    private static double Normal(Vector128<uint> words) =>
        Math.Sqrt(-2.0 * PortableMath.Log(Uniform(words[0], words[1]))) * PortableMath.CosPi(2.0 * Uniform(words[2], words[3]));

    /// <summary>52 bits plus one half: uniform in (0, 1), never 0 or 1.</summary>
    private static double Uniform(uint low, uint high) => (((((ulong)high << 32) | low) >> 12) + 0.5) * (1.0 / (1L << 52));
}
