using System.Globalization;

namespace Lockstep.Chaos.Sessions;

/// <summary>The log of a run under faults: all lines in a file, and the important ones on the screen.</summary>
/// <param name="path">The file; it is replaced.</param>
/// <param name="onLine">The screen.</param>
internal sealed class ChaosLog(string path, Action<string> onLine) : IDisposable
{
    private static readonly string[] NewsInside = [" lost: ", " left: ", " ready,", " refused: "];
    private static readonly string[] NewsBegins = ["training with", "leading run", "standing by for", "warning: "];

    private readonly StreamWriter _file = new(path) { AutoFlush = true };
    private readonly Lock _lock = new();

    /// <summary>Gives the time in seconds that begins each line.</summary>
    public Func<double> Time { get; set; } = () => 0;

    /// <summary>A line for screen and file.</summary>
    public void Say(string text) => Write(text, onScreen: true);

    /// <summary>A line of a process. The screen shows what happens to the cluster, but no metrics.</summary>
    public void Hear(string who, string text)
    {
        bool isNews = who.StartsWith("coordinator", StringComparison.Ordinal)
            && (Array.Exists(NewsInside, part => text.Contains(part, StringComparison.Ordinal))
                || Array.Exists(NewsBegins, begin => text.StartsWith(begin, StringComparison.Ordinal))
                || text.EndsWith("yielding to it", StringComparison.Ordinal));
        Write($"{who}: {text}", isNews);
    }

    public void Dispose()
    {
        lock (_lock)
            _file.Dispose();
    }

    private void Write(string text, bool onScreen)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{Time(),8:F2}  {text}");
        lock (_lock)
        {
            // The last lines of a process may come after the end.
            if (_file.BaseStream is null)
                return;
            _file.WriteLine(line);
            if (onScreen)
                onLine(line);
        }
    }
}
