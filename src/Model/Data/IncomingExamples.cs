namespace Lockstep.Model.Data;

/// <summary>
/// A set of examples being received from another process: its arrays, in the order in which they are sent (<see cref="Examples.Array"/>).
/// Trusts nothing; memory grows with what arrives.
/// </summary>
public abstract class IncomingExamples
{
    /// <summary>Prepares to receive what a header announces. New kinds are added here.</summary>
    /// <param name="header">The header.</param>
    /// <exception cref="ArgumentException">The kind is unknown, or the numbers are inconsistent.</exception>
    public static IncomingExamples Of(in ExamplesHeader header) => header.Kind switch
    {
        IncomingImages.Kind or IncomingImages.ColourKind => new IncomingImages(header),
        IncomingFeatures.Kind => new IncomingFeatures(header),
        _ => throw new ArgumentException($"examples of the kind {header.Kind}, which this build does not know"),
    };

    /// <summary>The arrays.</summary>
    public abstract IReadOnlyList<IncomingArray> Arrays { get; }

    /// <summary>The examples, once all arrays are full.</summary>
    /// <exception cref="ArgumentException">The arrays are not valid examples; the message says where.</exception>
    public abstract Examples Complete();
}
