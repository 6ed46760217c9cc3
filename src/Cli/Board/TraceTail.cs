using System.Globalization;
using System.Text;

namespace Lockstep.Cli.Board;

/// <summary>Some lines of a trace, found by their step: a trace may be large, and another process may append to it.</summary>
internal static class TraceTail
{
    // More than any line has, and than the lines have that come before the first step.
    private const int LineBytes = 100, HeaderBytes = 2 * LineBytes;
    private const int MostLines = 16;

    /// <summary>The last lines up to a step; none if there is no trace.</summary>
    public static IReadOnlyList<BoardTraceLine> Read(string path, long upToStep = long.MaxValue)
    {
        if (!File.Exists(path))
            return [];
        using FileStream file = TailFile.Open(path);
        // The last line that is wanted begins at 'low' or later, and at the line after 'high' at the latest.
        long low = 0, high = file.Length;
        while (high - low > HeaderBytes)
        {
            long middle = (low + high) / 2;
            if (LinesBetween(file, middle, middle + HeaderBytes + LineBytes).FirstOrDefault() is { } line && line.Step <= upToStep)
                low = middle;
            else
                high = middle;
        }

        return
        [
            .. LinesBetween(file, Math.Max(0, low - (MostLines + 1) * LineBytes), high + 2 * LineBytes)
                .Where(line => line.Step <= upToStep).TakeLast(MostLines),
        ];
    }

    /// <summary>The lines that begin and end between two places.</summary>
    private static IEnumerable<BoardTraceLine> LinesBetween(FileStream file, long from, long to)
    {
        _ = file.Seek(from, SeekOrigin.Begin);
        byte[] bytes = new byte[to - from];
        int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        // What stands before the first line feed and after the last may be the rest and the beginning of others.
        foreach (string line in Encoding.UTF8.GetString(bytes.AsSpan(0, read)).Split('\n').SkipLast(1).Skip(from > 0 ? 1 : 0))
        {
            if (line.Split(' ') is [var number, var weights, var chain]
                && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long step))
                yield return new BoardTraceLine(step, weights, chain);
        }
    }
}
