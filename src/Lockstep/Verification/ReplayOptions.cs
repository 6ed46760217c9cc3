namespace Lockstep.Verification;

/// <summary>How a run is trained again.</summary>
public sealed record ReplayOptions
{
    /// <summary>Last step; null, the default, goes as far as the run did.</summary>
    public long? UpTo { get; init; }

    /// <summary>Compute threads; 0, the default, takes one for each processor that this process may use. The result does not depend on it.</summary>
    public int Lanes { get; init; }

    /// <summary>Checkpoint or run folder with the parameters that a fine-tuned run began with; null, the default, is where the run had them from.</summary>
    public string? BeganWith { get; init; }

    /// <summary>Told the step that training again begins after: 0, or that of a checkpoint.</summary>
    public Action<long>? OnBegin { get; init; }

    /// <summary>Told every two seconds how far it is: completed steps, and the last one.</summary>
    public Action<long, long>? OnProgress { get; init; }

    /// <summary>Told in a sentence of a checkpoint that cannot be compared.</summary>
    public Action<string>? OnNotice { get; init; }
}
