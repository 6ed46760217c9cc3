using Lockstep.Model.Specs;

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

    /// <summary>File or folder with examples of the user's own; null takes one of the catalogue by the properties above.</summary>
    public string? Path { get; init; }

    /// <summary>How the examples of <see cref="Path"/> are prepared.</summary>
    public PreparationOptions Preparing { get; init; } = new();

    /// <summary>
    /// The data of a run that used <see cref="Path"/> before; they are prepared as they were then. Null prepares them anew, as
    /// <see cref="Preparing"/> says.
    /// </summary>
    public DataSpec? Known { get; init; }
}
