using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>How a file is read. The result does not depend on it.</summary>
internal sealed record TableReading
{
    private const int ShownNames = 20;

    /// <summary>Called with the bytes of the file that were read, and all of them; null for nothing.</summary>
    public Action<long, long>? Progress { get; init; }

    /// <summary>Stops reading.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Columns that a model takes, named where the file has none of them; null where no model waits for the table.</summary>
    public IReadOnlyList<string>? Wanted { get; init; }

    /// <summary>What there is to say of a file whose columns are all ignored.</summary>
    /// <param name="names">Its columns.</param>
    public string NothingLeft(IReadOnlyList<string> names) => Wanted is null
        ? $"has no column left: {List(names)} {(names.Count == 1 ? "is" : "are")} left out"
        : $"has no column of those that the model was trained on: {List(Wanted)}. It has {List(names)}{Hint(names)}";

    private string Hint(IReadOnlyList<string> names) =>
        names.Index().All(column => column.Item == $"column{column.Index + 1}") ? ", for want of a header; add one as the first line"
        : names.Any(name => Wanted!.Contains(name, StringComparer.OrdinalIgnoreCase)) ? "; write them in the same upper and lower case"
        : "";

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(ShownNames).Select(name => ForeignText.Quote(name))) + (names.Count > ShownNames ? ", ..." : "");

    /// <summary>Blocks that are read at the same time. The default is the number of processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of a block of rows; a longer row is a block of its own. The default is 1 MiB.</summary>
    public int BlockBytes { get; init; } = 1 << 20;
}
