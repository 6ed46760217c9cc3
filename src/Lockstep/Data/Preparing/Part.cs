using Lockstep.Data.Raw;

namespace Lockstep.Data.Preparing;

/// <summary>Some of the examples of a file.</summary>
/// <param name="Raw">The file.</param>
/// <param name="Rows">Which examples, ascending.</param>
/// <param name="Labels">Class of every example of the file.</param>
internal sealed record Part(RawExamples Raw, int[] Rows, byte[] Labels)
{
    /// <summary>All examples of a file.</summary>
    public static Part Whole(RawExamples raw, byte[] labels) => new(raw, [.. Enumerable.Range(0, raw.Count)], labels);

    /// <summary>Class of each of the rows.</summary>
    public byte[] LabelsOfRows() => Array.ConvertAll(Rows, row => Labels[row]);
}
