using System.Collections.Concurrent;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lockstep.Cli.Terminal;

/// <summary>
/// A bar and a line per worker that are redrawn in place, with everything worth keeping above them.
/// Only its own loop writes to the terminal; other threads queue lines for it.
/// </summary>
internal sealed class LiveDisplay : RunDisplay
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(125);

    private readonly ConcurrentQueue<(string Line, bool IsWarning)> _lines = new();
    private readonly LiveView _view;
    private readonly IAnsiConsole _console;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;

    public LiveDisplay(IAnsiConsole console)
    {
        _console = console;
        _view = new LiveView(console.Profile.Capabilities.Unicode);
        _loop = Task.Run(DrawAsync);
    }

    /// <summary>A live display on a writer that leads to a terminal.</summary>
    public static LiveDisplay On(TextWriter writer, bool colors) => new(AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.No,
        ColorSystem = colors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    }));

    public override void Working(string activity) => _view.Activity = activity;

    public override void Say(string line) => _lines.Enqueue((line, false));

    public override void Warn(string line) => _lines.Enqueue((line, true));

    public override void Show(RunEvent runEvent, RunSpec spec)
    {
        // Before the bar is there, the missing workers are the activity; later they are a line.
        if (runEvent is RunEvent.WorkerReady or RunEvent.ProgramCarried or RunEvent.TrainingStarted or RunEvent.WaitingForWorkers
            && !_view.IsTraining)
            _view.Activity = RunLines.Describe(runEvent, spec);
        else if (!IsRepeated(runEvent) && RunLines.Describe(runEvent, spec, _console.Profile.Width) is { } line)
            _lines.Enqueue((line, RunLines.IsWarning(runEvent)));
        _view.Update(runEvent, spec);
    }

    public override async ValueTask DisposeAsync()
    {
        // Disposed twice: before the result is printed, and at the end of the command.
        if (_end.IsCancellationRequested)
            return;
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private Task DrawAsync() => _console.Live(new Text("")).AutoClear(true).StartAsync(async context =>
    {
        while (!_end.IsCancellationRequested)
        {
            Draw(context);
            await Task.Delay(RedrawEvery, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Draw(context);
    });

    private void Draw(LiveDisplayContext context)
    {
        var said = new List<Text>();
        while (_lines.TryDequeue(out (string Line, bool IsWarning) line))
            said.Add(new Text(ForeignText.PrintableLines(line.Line), line.IsWarning ? new Style(Color.Yellow) : Style.Plain));
        if (said.Count > 0)
            _console.Write(new LinesAbove(said));
        context.UpdateTarget(_view.Render(_console.Profile.Width));

        // The terminal shows ^C where the cursor is: at the beginning of a line it is drawn over.
        _console.Profile.Out.Writer.Write('\r');
    }

    /// <summary>
    /// Lines where the display stood, which is drawn again below them. What a shorter line would leave of it is erased first.
    /// </summary>
    private sealed class LinesAbove(IReadOnlyList<Text> lines) : Renderable
    {
        private const string EraseBelow = "\u001b[J";

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            yield return Segment.Control(EraseBelow);
            foreach (IRenderable line in lines)
            {
                foreach (Segment segment in line.Render(options, maxWidth))
                    yield return segment;
                yield return Segment.LineBreak;
            }
        }
    }
}
