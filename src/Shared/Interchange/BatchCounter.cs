namespace Lockstep.Shared.Interchange;

/// <summary>
/// PyTorch's batch normalisation counts its batches in a scalar of int64 beside its weights. No prediction depends on it, so readers
/// leave it out.
/// </summary>
internal static class BatchCounter
{
    private const string Name = "num_batches_tracked";

    /// <summary>Whether a tensor of a file is such a counter.</summary>
    /// <param name="name">Its name, such as <c>1.num_batches_tracked</c>.</param>
    /// <param name="rank">Number of its dimensions, of which it has none.</param>
    public static bool Is(string name, int rank) =>
        rank == 0 && (name == Name || name.EndsWith($".{Name}", StringComparison.Ordinal));
}
