namespace Lockstep.Data;

/// <summary>Which data set is wanted, and where it may come from.</summary>
public sealed record DatasetRequest
{
    /// <summary>
    /// One of <see cref="DatasetCatalog.Names"/>. Null takes MNIST where it is available; else, without <see cref="DataDirectory"/>, the
    /// synthetic digits.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Folder given by <c>--data-dir</c> or <c>LOCKSTEP_DATA_DIR</c>; searched first, and never written to.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Never touch the network.</summary>
    public bool Offline { get; init; }
}
