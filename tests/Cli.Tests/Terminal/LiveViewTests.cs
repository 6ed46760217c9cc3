using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Spectre.Console;

namespace Lockstep.Cli.Tests.Terminal;

public class LiveViewTests
{
    [Fact]
    public void Render_BeforeTraining_IsTheActivity()
    {
        var view = new LiveView(unicode: true) { Activity = "reading mnist" };

        Assert.Equal("reading mnist", Render(view).Trim());
        Assert.False(view.IsTraining);
    }

    [Fact]
    public void Render_InTheMiddle_ShowsBarFiguresAndWorkers()
    {
        var view = new LiveView(unicode: false);
        foreach (RunEvent runEvent in RecordedRun.Events.TakeWhile(runEvent => runEvent is not RunEvent.WorkerLost))
            view.Update(runEvent, Samples.Spec);

        string[] lines = Render(view).Split('\n');

        Assert.Contains("epoch 1/2 ##########------------------------------ 25%  step 25/100", lines[0]);
        Assert.Contains("loss 1.2500  accuracy 50.00%  validation 92.50%  40,000 examples/s", lines[1]);
        Assert.Matches(@"127\.0\.0\.1:5001 +1 +2 +1\.50 ms +20\.0 MB +10\.0 MB", lines[4]);
        Assert.Matches(@"127\.0\.0\.1:5002 +1 +2 +1\.50 ms +19\.0 MB +9\.5 MB", lines[5]);
    }

    [Fact]
    public void Render_AfterAWorkerIsLost_ShowsTheOthers()
    {
        var view = new LiveView(unicode: true);
        foreach (RunEvent runEvent in RecordedRun.Events)
            view.Update(runEvent, Samples.Spec);

        string text = Render(view);

        Assert.Contains("127.0.0.1:5001", text);
        Assert.DoesNotContain("127.0.0.1:5002", text);
    }

    [Fact]
    public void Render_NothingToAverageYet_KeepsTheFigures()
    {
        var view = new LiveView(unicode: true);
        foreach (RunEvent runEvent in RecordedRun.Events)
            view.Update(runEvent, Samples.Spec);

        view.Update(new RunEvent.Progress(100, 0, 0, 30_000, []), Samples.Spec);

        Assert.Contains("loss 0.7500  accuracy 75.00%", Render(view));
    }

    [Fact]
    public void Render_EightyColumnsAndManySteps_KeepsTheBarOnItsLine()
    {
        var view = new LiveView(unicode: false);
        RunSpec spec = Samples.Spec with { TotalSteps = 99_950 };
        view.Update(new RunEvent.TrainingStarted(0, 1, 1), spec);

        foreach (long step in (long[])[50_000, 99_950])
        {
            view.Update(new RunEvent.Progress(step, 1, 0.5, 40_000, []), spec);
            string[] lines = Render(view, width: 80).Split('\n');

            Assert.Matches($"^epoch .*##.*% +step {step:N0}/99,950  .*(left|saving)", lines[0]);
            Assert.StartsWith("loss ", lines[1]);
        }
    }

    private static string Render(LiveView view, int width = 120)
    {
        var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = width;
        console.Write(view.Render(width));
        return text.ToString();
    }
}
