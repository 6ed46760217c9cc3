using Lockstep.Cli.Images;
using Lockstep.Cli.Training;
using Lockstep.Model.Evaluation;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Reports;

/// <summary>
/// How the parameters of runs changed, from the checkpoints that were kept. A checkpoint is read once, and only its histograms stay in
/// memory. Any thread may ask.
/// </summary>
internal sealed class ParameterHistory
{
    // Of more checkpoints every second, third and so on is shown, and the newest.
    private const int MostCheckpoints = 24;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DateTime Written, Snapshot? Seen)> _seen = [];

    /// <summary>A parameter of a checkpoint.</summary>
    /// <param name="Title">Its name and shape, and how many of its values are in no bin.</param>
    /// <param name="Values">Its histogram.</param>
    /// <param name="Norm">Square root of the sum of its squares.</param>
    internal sealed record Parameter(string Title, Histogram Values, double Norm);

    /// <summary>A checkpoint: its step, its first parameters, and how many there are.</summary>
    internal sealed record Snapshot(long Step, IReadOnlyList<Parameter> Parameters, int Count);

    /// <summary>The checkpoints of a run that can be read, the oldest first; evenly chosen where there are many.</summary>
    /// <param name="folder">The run folder.</param>
    public IReadOnlyList<Snapshot> Of(string folder)
    {
        string directory = RunFolder.CheckpointDirectoryOf(folder);
        string[] files = [.. RunOverview.ListCheckpoints(folder).OrderBy(file => file.Step).Select(file => file.Path)];
        int every = (files.Length + MostCheckpoints - 1) / MostCheckpoints;
        string[] shown = [.. files.Where((_, index) => index % every == 0 || index == files.Length - 1)];
        lock (_lock)
        {
            foreach (string file in _seen.Keys.Where(file => Path.GetDirectoryName(file) == directory).Except(shown))
                _ = _seen.Remove(file);
            Snapshot[] read = [.. shown.Select(Read).OfType<Snapshot>()];
            return [.. read.Where(one => one.Count == read[^1].Count)]; // Another network's file may lie there.
        }
    }

    private Snapshot? Read(string file)
    {
        DateTime written = File.GetLastWriteTimeUtc(file);
        if (!_seen.TryGetValue(file, out (DateTime Written, Snapshot? Seen) known) || known.Written != written)
            _seen[file] = known = (written, Load(file));
        return known.Seen;
    }

    private static Snapshot? Load(string file)
    {
        try
        {
            Checkpoint read = CheckpointStore.Load(file, mayBeNonFinite: true).Checkpoint;
            return new Snapshot(
                read.Step,
                [.. read.Parameters.Take(HistogramsPicture.MaxParameters).Select(Of)],
                read.Parameters.Count);
        }
        catch (CheckpointException)
        {
            return null; // It is damaged, or was removed by the run meanwhile; the newest is told of elsewhere.
        }
    }

    private static Parameter Of(NamedTensor parameter)
    {
        Histogram histogram = HistogramsPicture.Of(parameter);
        return new Parameter(HistogramsPicture.TitleOf(parameter, histogram), histogram, TensorStatistics.Of(parameter.Values).Norm);
    }
}
