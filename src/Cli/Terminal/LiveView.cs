using System.Diagnostics;
using System.Globalization;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Wording;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lockstep.Cli.Terminal;

/// <summary>What a live display shows at a moment: the activity before training, then bar, figures and workers.</summary>
/// <param name="unicode">Whether the terminal can show more than ASCII.</param>
internal sealed class LiveView(bool unicode)
{
    private const int WidestBar = 40;

    private readonly Lock _lock = new();
    private readonly Stopwatch _training = new();
    private RunSpec? _spec;
    private RunEvent.Progress? _progress;
    private MetricsRow? _last;
    private long _firstStep;
    private string? _activity;

    /// <summary>What is under way before training starts.</summary>
    public string? Activity
    {
        set
        {
            lock (_lock)
                _activity = value;
        }
    }

    /// <summary>Whether there is a bar.</summary>
    public bool IsTraining
    {
        get
        {
            lock (_lock)
                return _training.IsRunning;
        }
    }

    /// <summary>Takes in an event.</summary>
    public void Update(RunEvent runEvent, RunSpec spec)
    {
        lock (_lock)
        {
            _spec = spec;
            switch (runEvent)
            {
                case RunEvent.TrainingStarted started:
                    if (!_training.IsRunning)
                        _firstStep = started.FirstStep;
                    _training.Start();
                    break;
                case RunEvent.Progress progress:
                    // Right after a line of metrics there is nothing to average yet.
                    bool isEmpty = progress is { TrainLoss: 0, TrainAccuracy: 0 or double.NaN } && _progress is not null;
                    _progress = isEmpty
                        ? progress with
                        {
                            TrainLoss = _progress!.TrainLoss,
                            TrainAccuracy = _progress.TrainAccuracy,
                            TrainR2 = _progress.TrainR2,
                        }
                        : progress;
                    break;
                case RunEvent.MetricsRecorded recorded:
                    _last = recorded.Metrics;
                    break;
            }
        }
    }

    /// <summary>The display as lines of text.</summary>
    /// <param name="width">Columns of the terminal; the bar takes what its figures leave.</param>
    public IRenderable Render(int width)
    {
        lock (_lock)
        {
            return _progress is null || _spec is null
                ? new Text(_activity ?? "", new Style(Color.Grey))
                : new Rows(Bar(_spec, _progress, width), Figures(_progress), new Padder(Workers(_progress), new Padding(0, 1, 0, 0)));
        }
    }

    private Markup Bar(RunSpec spec, RunEvent.Progress progress, int width)
    {
        double share = Math.Clamp((double)progress.Step / spec.TotalSteps, 0, 1);
        (char full, char empty) = unicode ? ('━', '─') : ('#', '-');
        long epoch = Math.Min(progress.Step / spec.StepsPerEpoch + 1, (spec.TotalSteps + spec.StepsPerEpoch - 1) / spec.StepsPerEpoch);
        string epochs = ((double)spec.TotalSteps / spec.StepsPerEpoch).ToString("0.##", CultureInfo.InvariantCulture);
        string figures = $"{share * 100:F0}%  step {Format.Count(progress.Step)}/{Format.Count(spec.TotalSteps)}  "
            + $"{Remaining(spec, progress)}";

        // The last column stays free: some terminals wrap as soon as it is written.
        int bar = Math.Clamp(width - 1 - $"epoch {epoch}/{epochs}  {figures}".Length, 0, WidestBar);
        int done = (int)(share * bar);
        return new Markup(
            $"epoch [bold]{epoch}[/]/{epochs} [green]{new string(full, done)}[/][grey]{new string(empty, bar - done)}[/] {figures}");
    }

    private Markup Figures(RunEvent.Progress progress) => new(
        $"loss [bold]{Format.Loss(progress.TrainLoss)}[/]"
        + (_spec!.IsRegression
            ? progress.TrainR2 is { } r2 ? $"  R² [bold]{Format.R2(r2)}[/]" : ""
            : $"  accuracy [bold]{Format.Percent(progress.TrainAccuracy)}[/]")
        + (_last is { } row ? $"  validation [bold green]{Format.Score(row.ValidationR2, row.ValidationAccuracy)}[/]" : "")
        + $"  {Format.Count(progress.ExamplesPerSecond)} examples/s");

    private static Table Workers(RunEvent.Progress progress)
    {
        Table table = new Table().NoBorder().AddColumn("[grey]worker[/]");
        foreach (string heading in new[] { "lanes", "shards", "step", "sent to it", "received" })
            _ = table.AddColumn(new TableColumn($"[grey]{heading}[/]").RightAligned());
        foreach (WorkerProgress worker in progress.Workers)
        {
            _ = table.AddRow(
                Markup.Escape(worker.Name), worker.Lanes.ToString(CultureInfo.InvariantCulture),
                worker.Shards == 0 ? "standby" : worker.Shards.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"{worker.StepMilliseconds:F2} ms"), Format.Bytes(worker.BytesSent),
                Format.Bytes(worker.BytesReceived));
        }

        return table;
    }

    private string Remaining(RunSpec spec, RunEvent.Progress progress)
    {
        if (progress.Step >= spec.TotalSteps)
            return "testing and saving";
        long done = progress.Step - _firstStep;
        if (done <= 0)
            return "";
        double seconds = _training.Elapsed.TotalSeconds / done * (spec.TotalSteps - progress.Step);
        return seconds < 60 ? $"{seconds:F0} s left" : $"{Format.Duration(seconds)} left";
    }
}
