using System.Globalization;
using Google.Protobuf;
using Lockstep.TensorBoard.Schema;

namespace Lockstep.TensorBoard;

/// <summary>
/// An event file of TensorBoard, <c>events.out.tfevents.SECONDS.lockstep</c>. TensorBoard reads the files of a folder in the order of
/// their names, each to its end, so a file never grows again once there is a later one.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2", Prefix = "events.out.tfevents.", Suffix = ".lockstep";
    private readonly RecordFile _records;
    private readonly TimeProvider _clock;

    private EventFile(RecordFile records, TimeProvider clock) => (_records, _clock) = (records, clock);

    /// <summary>Creates a file behind those that a folder has.</summary>
    /// <param name="folder">The folder, created if need be.</param>
    /// <param name="firstStep">What earlier files have of this step and later ones is void.</param>
    /// <param name="clock">Tells the time of each event.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static EventFile Create(string folder, long firstStep, TimeProvider clock)
    {
        _ = Directory.CreateDirectory(folder);
        // Two parts of a run may begin within a second, and a clock may be set back.
        long seconds = Math.Max(clock.GetUtcNow().ToUnixTimeSeconds(), Starts(folder).DefaultIfEmpty().Max() + 1);
        string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{seconds:D10}{Suffix}");
        var file = new EventFile(new RecordFile(Path.Combine(folder, name)), clock);
        file.Append(new Event { FileVersion = Version }, step: 0);
        file.Append(new Event { SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } }, firstStep);
        return file;
    }

    /// <summary>Whether a folder has event files of a run.</summary>
    public static bool Exists(string folder) => Starts(folder).Any();

    /// <summary>Appends the values of a step.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Append(long step, IEnumerable<Summary.Types.Value> values) =>
        Append(new Event { Summary = new Summary { Value = { values } } }, step);

    private void Append(Event value, long step)
    {
        value.Step = step;
        value.WallTime = SecondsOf(_clock.GetUtcNow());
        _records.Append(value.ToByteArray());
    }

    /// <summary>Seconds since 1970, as events have them.</summary>
    public static double SecondsOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    public void Dispose() => _records.Dispose();

    private static IEnumerable<long> Starts(string folder)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (string path in Directory.EnumerateFiles(folder, $"{Prefix}*"))
        {
            string start = Path.GetFileName(path)[Prefix.Length..].Split('.')[0];
            if (long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
                yield return seconds;
        }
    }
}
