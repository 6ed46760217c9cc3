namespace Lockstep.Verification;

/// <summary>How a run is trained again.</summary>
public sealed record ReplayOptions
{
    /// <summary>Last step; null, the default, is the last one of the run.</summary>
    public long? UpTo { get; init; }

    /// <summary>
    /// Compute threads; 0, the default, takes one for each processor that this process may use. The result does not depend on it.
    /// </summary>
    public int Lanes { get; init; }

    /// <summary>
    /// Checkpoint or run folder with the parameters that a fine-tuned run began with; null, the default, takes it from the run's
    /// configuration.
    /// </summary>
    public string? BeganWith { get; init; }

    /// <summary>Receives the step after which training begins: 0, or that of a checkpoint.</summary>
    public Action<long>? OnBegin { get; init; }

    /// <summary>Receives the completed steps and the last one, every two seconds.</summary>
    public Action<long, long>? OnProgress { get; init; }

    /// <summary>Receives a sentence for a checkpoint that cannot be compared.</summary>
    public Action<string>? OnNotice { get; init; }
}
