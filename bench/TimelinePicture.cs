using System.Globalization;
using System.Text;

namespace Lockstep.Bench;

/// <summary>A picture of what threads did: a row for each thread, time to the right, colors for kinds.</summary>
internal static class TimelinePicture
{
    private const int Left = 190, Width = 900, RowHeight = 26, Top = 70;
    private static readonly string[] Colors = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"];

    /// <summary>Draws it as SVG.</summary>
    /// <param name="title">Above it.</param>
    /// <param name="kinds">Names of the kinds.</param>
    /// <param name="threads">The rows, from the top.</param>
    /// <param name="spans">What was done when; seconds.</param>
    /// <param name="from">Where it begins, in seconds.</param>
    /// <param name="to">Where it ends, in seconds.</param>
    /// <param name="tick">Seconds between two lines of the grid.</param>
    /// <param name="marks">Names for moments, in seconds.</param>
    public static string Draw(
        string title, IReadOnlyList<string> kinds, IReadOnlyList<string> threads, IEnumerable<ThreadSpan> spans, double from, double to,
        double tick, params (string Name, double Time)[] marks)
    {
        var svg = new StringBuilder();
        int height = Top + threads.Count * RowHeight + 30;
        double scale = Width / (to - from);
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + 20} {height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Add($"<rect width=\"100%\" height=\"100%\" fill=\"white\"/><text x=\"{Left}\" y=\"18\" font-size=\"15\">{title}</text>");
        for (int kind = 0; kind < kinds.Count; kind++)
        {
            int x = Left + kind * Width / Math.Max(kinds.Count, 4);
            Add($"<rect x=\"{x}\" y=\"29\" width=\"14\" height=\"14\" fill=\"{Colors[kind % Colors.Length]}\"/>");
            Add($"<text x=\"{x + 20}\" y=\"41\">{kinds[kind]}</text>");
        }

        for (int i = 0; i < threads.Count; i++)
        {
            int y = Top + i * RowHeight;
            Add($"<text x=\"{Left - 8}\" y=\"{y + 16}\" text-anchor=\"end\">{threads[i]}</text>");
            Add($"<line x1=\"{Left}\" x2=\"{Left + Width}\" y1=\"{y + RowHeight}\" y2=\"{y + RowHeight}\" stroke=\"#dddddd\"/>");
        }

        for (int i = 0; i * tick <= (to - from) * 1.0001; i++)
        {
            double x = Left + i * tick * scale;
            Add($"<line x1=\"{x:0.0}\" x2=\"{x:0.0}\" y1=\"{Top}\" y2=\"{height - 26}\" stroke=\"#eeeeee\"/>");
            Add($"<text x=\"{x:0.0}\" y=\"{height - 8}\" text-anchor=\"middle\">{i * tick * 1e3:0.#} ms</text>");
        }

        foreach (ThreadSpan span in spans.Where(span => span.End > from && span.Start < to && threads.Contains(span.Thread)))
        {
            double start = Math.Max(span.Start, from), width = Math.Max((Math.Min(span.End, to) - start) * scale, 0.8);
            int y = Top + threads.ToList().IndexOf(span.Thread) * RowHeight + 4;
            Add($"<rect x=\"{Left + (start - from) * scale:0.00}\" y=\"{y}\" width=\"{width:0.00}\" height=\"{RowHeight - 8}\" fill=\"{Colors[span.Kind % Colors.Length]}\"/>");
        }

        foreach ((string name, double time) in marks)
        {
            double x = Left + (time - from) * scale;
            Add($"<line x1=\"{x:0.0}\" x2=\"{x:0.0}\" y1=\"{Top - 8}\" y2=\"{height - 26}\" stroke=\"black\"/>");
            Add($"<text x=\"{x:0.0}\" y=\"{Top - 12}\" text-anchor=\"middle\">{name}</text>");
        }

        return svg.AppendLine("</svg>").ToString();

        void Add(FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>What a thread did for a while.</summary>
/// <param name="Thread">The thread's name.</param>
/// <param name="Kind">Index of the kind of what it did.</param>
/// <param name="Start">When it began, in seconds.</param>
/// <param name="End">When it ended, in seconds.</param>
internal readonly record struct ThreadSpan(string Thread, int Kind, double Start, double End);
