using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Runs;

namespace Lockstep.Cli.Tests.Terminal;

public class PlainDisplayTests
{
    [Fact]
    public void Show_RecordedRun_IsALinePerEpochAndWhatHappened()
    {
        string[] expected =
        [
            "workers join with: lockstep worker --join 127.0.0.1:4053",
            "waiting for workers, 0 of 2 ready; giving up after 1:00 min",
            "worker 127.0.0.1:5001 ready, 1 lane",
            "worker 127.0.0.1:5002 ready, 1 lane",
            "training with 2 workers, 3 lanes",
            "epoch 1/2  loss 0.5000  train 85.00%  validation 92.50%  41,234/s  2.5 s",
            "worker 127.0.0.1:5002 lost: its process ended with exit code 137. The others do its work.",
            "warning: the disk is nearly full",
            "epoch 2/2  loss not finite  train 10.00%  validation 10.00%  41,234/s  1:05 min",
        ];

        Assert.Equal(expected, Play(quiet: false));
    }

    [Fact]
    public void Show_RecordedRunQuietly_IsWarningsOnly()
    {
        string[] expected =
        [
            "worker 127.0.0.1:5002 lost: its process ended with exit code 137. The others do its work.",
            "warning: the disk is nearly full",
        ];

        Assert.Equal(expected, Play(quiet: true));
    }

    [Fact]
    public void Show_Resumed_SaysFromWhere()
    {
        var error = new StringWriter();

        new PlainDisplay(new TextMessages(error), quiet: false).Show(new RunEvent.TrainingStarted(1234, 1, 1), Samples.Spec);

        Assert.Equal($"training with 1 worker, 1 lane, on from step 1,234{Environment.NewLine}", error.ToString());
    }

    [Fact]
    public void Show_MetricsOfALongRun_FitEightyColumns()
    {
        var error = new StringWriter();
        var row = new MetricsRow(12 * 50, 12, 0.0274, 0.991, 0.05, 0.9838, 0.1, 113_900, 3599);

        new PlainDisplay(new TextMessages(error), quiet: false)
            .Show(new RunEvent.MetricsRecorded(row), Samples.Spec with { TotalSteps = 12 * 50 });

        Assert.InRange(error.ToString().TrimEnd().Length, 1, 80);
    }

    private static string[] Play(bool quiet)
    {
        var error = new StringWriter();
        var display = new PlainDisplay(new TextMessages(error), quiet);
        foreach (RunEvent runEvent in RecordedRun.Events)
            display.Show(runEvent, Samples.Spec);
        return error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
