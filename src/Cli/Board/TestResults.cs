using Lockstep.Cli.Options;
using Lockstep.Cli.Reports;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Board;

/// <summary>
/// What <c>report</c> says of runs' test examples: of a newest checkpoint once, when somebody asks. One run at a time, because it takes a
/// processor from whoever trains.
/// </summary>
/// <param name="io">The environment names the cache, and may say where data are.</param>
internal sealed class TestResults(CommandIo io)
{
    // With pictures, about 200 kB each.
    private const int MostKept = 32;

    private static readonly SemaphoreSlim One = new(1);

    private readonly Dictionary<string, (DateTime Written, string Text)> _kept = [];

    /// <summary>The sections of a run, as HTML.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="stop">Gives up waiting for others.</param>
    /// <exception cref="RequestException">There is no checkpoint, or the data are not at hand.</exception>
    public async Task<string> OfAsync(string folder, CancellationToken stop)
    {
        await One.WaitAsync(stop);
        try
        {
            DateTime written = Directory.GetLastWriteTimeUtc(RunFolder.CheckpointDirectoryOf(folder));
            if (_kept.TryGetValue(folder, out (DateTime Written, string Text) known) && known.Written == written)
                return known.Text;
            string text = await EvaluateAsync(RunRecord.Read(folder));
            if (_kept.Count >= MostKept)
                _kept.Clear();
            _kept[folder] = (written, text);
            return text;
        }
        finally
        {
            _ = One.Release();
        }
    }

    private async Task<string> EvaluateAsync(RunRecord run)
    {
        // What else the environment says was found legal, or refused, when the process began.
        var settings = Settings.Resolve(new OptionSet([DataOptions.DataDir], [DataOptions.DataDir]), [], io.Environment, new Problems());
        ReportEvaluation evaluation = await ReportEvaluation.OfAsync(run, run.ReadModel(), settings, io, new PageDisplay());
        return evaluation.Missing is { } missing ? throw new RequestException(missing) : EvaluationSections.Of(evaluation);
    }
}
