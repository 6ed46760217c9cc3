namespace Lockstep.Data.Raw;

/// <summary>Examples as they lie in a file or folder of the user's, before preparation. Each kind has its own storage.</summary>
/// <param name="source">Path that they were read from, for messages.</param>
internal abstract class RawExamples(string source)
{
    /// <summary>Path that they were read from, for messages.</summary>
    public string Source { get; } = source;

    /// <summary>Number of examples.</summary>
    public abstract int Count { get; }
}
