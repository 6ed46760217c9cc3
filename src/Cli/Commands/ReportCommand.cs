using System.CommandLine;
using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Reports;
using Lockstep.Cli.Terminal;
using Lockstep.Networks;
using Lockstep.Runs;

namespace Lockstep.Cli.Commands;

/// <summary><c>report</c>: everything about a run as one HTML file.</summary>
internal sealed class ReportCommand : CliCommand
{
    private static readonly CliOption<string> ReportFile = new("--out", ValueKind.FileOf("HTML", ".html"))
    {
        Placeholder = "FILE.html", IsPerInvocation = true, IsCommandLineOnly = true,
        DefaultNote = "report.html in the run folder",
        Elsewhere = ["--output", "-o"],
        Help = "Where to write the report.",
    };

    private readonly Argument<string> _run;

    public ReportCommand()
        : base("report", "Everything about a run as one HTML file")
    {
        _run = TakeRun("RUN", "A run folder.");
        Take(OptionHeading.Data, DataOptions.Dataset, ReplayedOptions.Validation, ReplayedOptions.Test, DataOptions.DataDir);
        Take(OptionHeading.Output, [ReportFile, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Writes curves, options, environment, faults, confusion matrix, worst mistakes, weights and the check of their digest into one "
        + "HTML file that needs nothing else. A run that is not finished, or failed, gets one too. Nothing is downloaded for it.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep report runs/cosine", "writes runs/cosine/report.html"),
        ("lockstep report runs/cosine --data-dir ~/mnist --out cosine.html", "with the images from a folder"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string file = settings.Find(ReportFile) ?? Path.Combine(invocation.Get(_run), "report.html");
        RunRecord run;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            run = RunRecord.Read(invocation.Get(_run));
            TrainedModel? model = run.ReadModel();
            ReportEvaluation evaluation = await ReportEvaluation.OfAsync(run, model, settings, io, display);
            string page = RunReport.Write(run, model, evaluation, invocation.Started);
            WholeFile.Write(file, Encoding.UTF8.GetBytes(page), "report");
            foreach (string note in run.Notes)
                display.Warn($"warning: {note}");
            if (evaluation.Missing is not null)
                display.Warn($"warning: {evaluation.Missing}");
        }

        io.Out.WriteLine($"report of {run.Folder}: {file}");
        return ExitCode.Done;
    }
}
