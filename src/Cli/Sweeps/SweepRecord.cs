using System.Text.Json;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Sweeps;
using Lockstep.Wording;

namespace Lockstep.Cli.Sweeps;

/// <summary>Keeps the results of a sweep while it goes on: shows them, and writes <c>sweep.json</c>.</summary>
internal sealed class SweepRecord
{
    private readonly SweepPlan _plan;
    private readonly string _file;
    private readonly RunDisplay _display;
    private readonly Dictionary<string, SweepPoint> _points;
    private readonly TrialResult[] _results;
    private int _underWay;

    /// <summary>A sweep of which nothing is known yet.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="file">Its file.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="trials">A trial for each of the points of the plan.</param>
    /// <param name="display">Shows how it goes.</param>
    public SweepRecord(SweepPlan plan, string file, string folder, SweepTrial[] trials, RunDisplay display)
    {
        _plan = plan;
        _file = file;
        _display = display;
        Folder = folder;
        _points = trials.Zip(plan.Points).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        _results = [.. trials.Select(trial => new TrialResult(trial, Path.Combine(folder, trial.Name), TrialState.Waiting))];
    }

    public string Folder { get; }

    public string PictureFile => Path.Combine(Folder, "sweep.svg");

    /// <summary>All trials, the best first.</summary>
    public IReadOnlyList<TrialResult> Ranked => TrialResult.Rank(_results, _plan.Metric);

    /// <summary>The values of a trial.</summary>
    public SweepPoint PointOf(TrialResult result) => _points[result.Trial.Name];

    /// <summary>Results with their values.</summary>
    public IReadOnlyList<(SweepPoint Point, TrialResult Result)> Points(IEnumerable<TrialResult> results) =>
        [.. results.Select(result => (PointOf(result), result))];

    public SweepJson ToJson() => SweepJson.Of(_file, Folder, _plan.Metric, Ranked, PointOf);

    /// <summary>A trial begins.</summary>
    public void Begin(SweepTrial trial)
    {
        _underWay++;
        Show();
    }

    /// <summary>A trial has ended, or is complete already.</summary>
    public void End(TrialResult result)
    {
        int i = Array.FindIndex(_results, other => other.Trial.Name == result.Trial.Name);
        bool isKept = _underWay == 0;
        if (!isKept)
            _underWay--;
        _results[i] = result;
        string name = PointOf(result).ToString();
        if (result.State == TrialState.Completed)
            _display.Say($"{name}: {WordsOf(result)}{(isKept ? ", complete before" : "")}");
        else
            _display.Warn($"{name}: {(result.State == TrialState.Stopped ? "stopped and saved" : result.Message)}");
        JsonFile.Write(
            Path.Combine(Folder, "sweep.json"),
            writer => JsonSerializer.Serialize(writer, ToJson(), ResultsContext.Default.SweepJson));
        Show();
    }

    private void Show()
    {
        int done = _results.Count(result => result.State is TrialState.Completed or TrialState.Failed);
        TrialResult best = Ranked[0];
        _display.Working($"{done} of {_results.Length} trials done, {_underWay} under way"
            + (best.State == TrialState.Completed ? $"; best so far {WordsOf(best)} with {PointOf(best)}" : ""));
    }

    /// <summary>Its validation results.</summary>
    public static string WordsOf(TrialResult result) =>
        $"validation {Format.Score(result.ValidationR2, result.ValidationAccuracy)}, loss {Format.Loss(result.ValidationLoss)}";
}
