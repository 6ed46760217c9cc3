using Lockstep.Shared.Files;

namespace Lockstep.Runs;

/// <summary>
/// <c>events.jsonl</c>: what happened to a run, one object a line with <c>time</c> (UTC), <c>kind</c> and <c>text</c>. A resumed run
/// appends to the same file.
/// </summary>
public sealed class EventsFile : IDisposable
{
    private readonly LineFile _file;
    private readonly TimeProvider _clock;

    private EventsFile(LineFile file, TimeProvider clock) => (_file, _clock) = (file, clock);

    /// <summary>Opens the file to append to it.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="clock">Tells the time of each event.</param>
    public static EventsFile Open(string path, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return new EventsFile(new LineFile(path), clock);
    }

    /// <summary>Appends a line.</summary>
    /// <param name="kind">Sort of event, in camel case, for programs.</param>
    /// <param name="text">What happened, for people.</param>
    /// <exception cref="IOException">It cannot be written now; it is written with the next one.</exception>
    public void Append(string kind, string text) =>
        _file.Append(JsonFile.Line(new EventJson(_clock.GetUtcNow().UtcDateTime, kind, text), RunFilesContext.Default.EventJson));

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
