using Lockstep.Model.Text;

namespace Lockstep.Cli.Terminal;

/// <summary>
/// Rows in aligned columns, for standard output: no colours and no wrapping, so that other programs can read it. What would break a row is
/// written as <c>?</c>.
/// </summary>
internal static class TextTable
{
    /// <summary>
    /// Writes a heading and rows; numbers, which are right-aligned, are in the columns from <paramref name="firstNumber"/> on,
    /// without the last one if <paramref name="endsWithText"/>.
    /// </summary>
    public static void Write(
        TextWriter writer, IReadOnlyList<string> heading, IReadOnlyList<IReadOnlyList<string>> rows, int firstNumber,
        bool endsWithText = false)
    {
        string[][] all = [[.. heading], .. rows.Select(row => row.Select(ForeignText.Printable).ToArray())];
        int[] widths = [.. Enumerable.Range(0, heading.Count).Select(column => all.Max(row => row[column].Length))];
        foreach (string[] row in all)
        {
            IEnumerable<string> cells = row.Select((cell, column) =>
                column < firstNumber || endsWithText && column == heading.Count - 1
                    ? cell.PadRight(widths[column])
                    : cell.PadLeft(widths[column]));
            writer.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    /// <summary>Writes names and values in two columns.</summary>
    public static void WritePairs(TextWriter writer, IReadOnlyList<(string Name, string Value)> pairs)
    {
        int width = pairs.Max(pair => pair.Name.Length) + 2;
        foreach ((string name, string value) in pairs)
            writer.WriteLine(name.PadRight(width) + ForeignText.Printable(value));
    }
}
