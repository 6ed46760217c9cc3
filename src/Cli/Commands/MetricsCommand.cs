using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;

namespace Lockstep.Cli.Commands;

/// <summary><c>metrics</c>: the metrics of a run as a table for other programs.</summary>
internal sealed class MetricsCommand : CliCommand
{
    // Names as in metrics.jsonl; a column that has no meaning for a run is empty.
    private static readonly (string Name, Func<MetricsRow, double?> Value)[] Columns =
    [
        ("step", row => row.Step), ("epoch", row => row.Epoch), ("trainLoss", row => row.TrainLoss),
        ("trainAccuracy", row => row.TrainAccuracy), ("validationLoss", row => row.ValidationLoss),
        ("validationAccuracy", row => row.ValidationAccuracy), ("learningRate", row => row.LearningRate),
        ("examplesPerSecond", row => row.ExamplesPerSecond), ("elapsedSeconds", row => row.ElapsedSeconds),
        ("trainR2", row => row.TrainR2), ("validationR2", row => row.ValidationR2),
    ];

    private readonly Argument<string> _run;

    public MetricsCommand()
        : base("metrics", "The metrics of a run as CSV")
    {
        _run = TakeRun("RUN", "Run folder.");
        Take(OptionHeading.Output, OutputOptions.Json, OutputOptions.Verbose);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Prints the metrics of a run, finished or not, as CSV: a line with the names of the columns, and a line for each evaluation. Names "
        + "and values are those of metrics.jsonl in the run folder; a value that is missing or no finite number is empty.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep metrics runs/mnist", "for a spreadsheet or a program"),
        ("lockstep metrics runs/mnist --json", "the same as JSON"),
    ];

    public override Task<int> RunAsync(Invocation invocation)
    {
        var run = RunRecord.Read(invocation.Get(_run), withCheckpoint: false);
        foreach (string note in run.Notes)
            invocation.Io.Error.WriteLine($"warning: {note}");
        TextWriter output = invocation.Io.Out;
        if (invocation.Settings.Get(OutputOptions.Json))
        {
            JsonOutput.Write(output, new MetricsJson(run.Folder, run.Metrics), ResultsContext.Default.MetricsJson);
            return Task.FromResult(ExitCode.Done);
        }

        output.WriteLine(string.Join(',', Columns.Select(column => column.Name)));
        foreach (MetricsRow row in run.Metrics)
            output.WriteLine(string.Join(',', Columns.Select(column => TextOf(column.Value(row)))));
        return Task.FromResult(ExitCode.Done);
    }

    private static string TextOf(double? value) =>
        value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";
}
