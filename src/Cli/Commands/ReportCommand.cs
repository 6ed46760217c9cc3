using System.CommandLine;
using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Reports;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Wording;

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

    private const int WorstMistakes = 40;

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string file = settings.Find(ReportFile) ?? Path.Combine(invocation.Get(_run), "report.html");
        RunRecord run;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            run = RunRecord.Read(invocation.Get(_run));
            TrainedModel? model = run.Checkpoint is null ? null : new TrainedModel(run.Checkpoint.Checkpoint, run.Checkpoint.Path);
            ReportEvaluation evaluation = model is null
                ? ReportEvaluation.Without("There is no checkpoint that can be read, so there is nothing to evaluate.")
                : await EvaluateAsync(run, model, settings, io, display);
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

    private static async Task<ReportEvaluation> EvaluateAsync(
        RunRecord run, TrainedModel model, Settings settings, CommandIo io, RunDisplay display)
    {
        DataSpec trainedOn = model.Run.Data;
        try
        {
            RunConfiguration? configuration = DatasetAccess.ConfigurationOf(run.Folder);
            DatasetRequest request = DatasetAccess.RequestOf(trainedOn, configuration, settings) with { Offline = true };
            LoadedDataset loaded = await DatasetAccess.LoadAsync(request, io, display, CancellationToken.None);
            if (loaded.Data.Sha256 != trainedOn.Sha256)
            {
                return ReportEvaluation.Without(
                    $"The test {loaded.Data.Test.KindName} are not shown: the run was trained on {trainedOn.Name} with digest "
                    + $"{trainedOn.Sha256}, but {loaded.Source} holds one with digest {loaded.Data.Sha256}.");
            }

            ModelAccess.CheckFits(model, loaded.Data);
            display.Working($"evaluating {Format.Count(loaded.Data.Test.Count)} {loaded.Data.Test.KindName}");
            return new ReportEvaluation(
                loaded.Data.Test as ImageSet, model.EvaluateInDetail(loaded.Data.Test, WorstMistakes), Missing: null, trainedOn.ClassName);
        }
        catch (Exception e) when (e is DatasetException or RequestException)
        {
            return ReportEvaluation.Without($"The test examples are not at hand: {e.Message}");
        }
    }
}
