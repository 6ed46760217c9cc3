using System.Globalization;

namespace Lockstep.Chaos.Sessions;

/// <summary>The log of a run under faults: all of it in a file, what people want to see on the screen as well.</summary>
/// <param name="path">The file; it is replaced.</param>
/// <param name="onLine">The screen.</param>
internal sealed class ChaosLog(string path, Action<string> onLine) : IDisposable
{
    private readonly StreamWriter _file = new(path) { AutoFlush = true };
    private readonly Lock _lock = new();

    /// <summary>Tells the time in seconds, for the beginning of each line.</summary>
    public Func<double> Time { get; set; } = () => 0;

    /// <summary>A line for screen and file.</summary>
    public void Say(string text) => Write(text, onScreen: true);

    /// <summary>A line that a process said. The screen shows what happened to the cluster, not how well it learns.</summary>
    public void Hear(string who, string text)
    {
        bool isNews = who.StartsWith("coordinator", StringComparison.Ordinal) && (text.Contains(" lost: ", StringComparison.Ordinal) || text.Contains(" left: ", StringComparison.Ordinal) || text.Contains(" ready,", StringComparison.Ordinal)
            || text.Contains(" refused: ", StringComparison.Ordinal) || text.StartsWith("training with", StringComparison.Ordinal)
            || text.StartsWith("leading run", StringComparison.Ordinal) || text.StartsWith("standing by for", StringComparison.Ordinal) || text.EndsWith("yielding to it", StringComparison.Ordinal)
            || text.StartsWith("warning: ", StringComparison.Ordinal));
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
            // The last words of a process may come after the end.
            if (_file.BaseStream is null)
                return;
            _file.WriteLine(line);
            if (onScreen)
                onLine(line);
        }
    }
}
