namespace Lockstep.Model.Data;

/// <summary>
/// A set of examples while it arrives from another process: its arrays, in the order in which they are sent (<see cref="Examples.Array"/>).
/// Nothing that arrives is trusted; memory grows with it.
/// </summary>
public abstract class IncomingExamples
{
    /// <summary>Ready to receive what a header announces. Kinds are listed here.</summary>
    /// <param name="header">The header.</param>
    /// <exception cref="ArgumentException">The kind is unknown, or its numbers do not belong together.</exception>
    public static IncomingExamples Of(in ExamplesHeader header) => header.Kind switch
    {
        IncomingImages.Kind => new IncomingImages(header),
        IncomingFeatures.Kind => new IncomingFeatures(header),
        _ => throw new ArgumentException($"examples of the kind {header.Kind}, which this build does not know"),
    };

    /// <summary>The arrays.</summary>
    public abstract IReadOnlyList<IncomingArray> Arrays { get; }

    /// <summary>The examples, when all arrays are full.</summary>
    /// <exception cref="ArgumentException">The arrays are no examples; the message says where.</exception>
    public abstract Examples Complete();
}
