using System.CommandLine;
using System.Globalization;
using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Sweeps;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Sweeps;
using Lockstep.Training;
using Lockstep.Wording;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Commands;

/// <summary><c>sweep</c>: trains with many combinations of options, several at a time.</summary>
internal sealed class SweepCommand : CliCommand
{
    private static readonly CliOption<string> Folder = new("--out", ValueKind.Path)
    {
        Placeholder = "DIR", IsPerInvocation = true, IsCommandLineOnly = true, DefaultNote = "sweeps/<utc>-<id>",
        Elsewhere = ["--output", "--output-dir", "--out-dir"],
        Help = "Folder of the sweep: a run folder for each trial, sweep.json and sweep.svg. Trials that are complete there are kept, "
            + "others go on.",
    };

    private static readonly CliOption<int> AtOnce = new("--parallel", ValueKind.Integer(1, 1024))
    {
        Placeholder = "N", IsPerInvocation = true, IsCommandLineOnly = true, DefaultNote = "the number of processors",
        Elsewhere = ["--jobs", "-j", "--n-jobs"],
        Help = "Trials at the same time, each on one thread.",
    };

    private readonly Argument<string> _file;

    public SweepCommand()
        : base("sweep", "Train with many combinations of options, and rank the results")
    {
        _file = TakeArgument("FILE", "A JSON file with the options of all trials, and a grid or random draws: see docs/sweep.md.");
        Take(OptionHeading.Data, DataOptions.DataDir, DataOptions.Offline);
        Take(OptionHeading.Run, Folder, AtOnce);
        Take(OptionHeading.Output, OutputOptions.Json);
        Take(OptionHeading.Output, OutputOptions.Progress);
    }

    public override string Heading => CommandHeading.Train;

    public override string Details =>
        "Trains once for each combination of options, several at a time in this process, on data that is read once. Each trial has the "
        + "weights that 'lockstep train' gives with its options, and a run folder. Prints the trials by their validation results, and "
        + "draws them. Ctrl-C saves all trials under way; the same command with the same --out goes on.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep sweep rates.json", "as many trials at a time as there are processors"),
        ("lockstep sweep rates.json --out sweeps/rates", "in a folder of your choice; again, it goes on there"),
        ("lockstep sweep rates.json --parallel 1 --json", "one after the other, and the results as JSON"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string file = invocation.Get(_file);
        SweepPlan plan = SweepFile.Read(file);
        string folder = settings.Find(Folder) ?? Path.Combine("sweeps", Path.GetFileName(RunFolder.NewName(invocation.Started)));
        var problems = new Problems();
        Settings[] each =
            [.. plan.Points.Select(point => settings.OfRun(SweepPlan.OfAll, plan.SettingsOf(point), io.Environment, problems))];
        problems.ThrowIfAny();
        CheckWithoutData(plan, each);

        SweepRecord record;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            using var signals = new ShutdownSignals(
                signal => display.Warn($"{signal}: finishing the steps and saving; once more to end at once"));
            LoadedDataset loaded = await DatasetAccess.LoadAsync(name: null, each[0], io, display, signals.Stop);
            SweepTrial[] trials = TrialsOf(plan, each, loaded, display);
            Sweep sweep = OptionNames.Translate(() => new Sweep(loaded.Data, trials));
            int parallel = settings.FindValue(AtOnce) ?? Processors.Usable;
            display.Say($"Lockstep {RunEnvironment.Version}, sweep folder {folder}");
            display.Say($"{loaded.Data.Name}: {Format.Plural(trials.Length, "trial")}, {Math.Min(parallel, trials.Length)} at a time");
            record = new SweepRecord(plan, file, folder, trials, display);
            await sweep.RunAsync(
                new SweepOptions { Folder = folder, Parallel = parallel, OnBegin = record.Begin, OnEnd = record.End }, signals.Stop);
        }

        IReadOnlyList<TrialResult> ranked = record.Ranked;
        WholeFile.Write(record.PictureFile, Encoding.UTF8.GetBytes(SweepPicture.Draw(plan, record.Points(ranked))), "picture");
        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, record.ToJson(), ResultsContext.Default.SweepJson);
        else
            WriteText(io.Out, plan, record, ranked);
        int unfinished = ranked.Count(result => result.State is TrialState.Stopped or TrialState.Waiting);
        if (unfinished > 0)
        {
            io.Messages.Say(LogLevel.Information, $"Stopped with {Format.Plural(unfinished, "trial")} to do. Go on with: lockstep sweep "
                + $"{ShellWord.OfPath(file)}{AgainOf(settings)} {Folder.Name} {ShellWord.OfPath(folder)}");
        }

        return ranked.All(result => result.State == TrialState.Failed) ? ExitCode.RunFailed : ExitCode.Done;
    }

    private static string AgainOf(Settings settings) => string.Concat(new ICliOption[] { DataOptions.DataDir, DataOptions.Offline, AtOnce }
        .Select(settings.GivenNow).OfType<Setting>().Where(setting => setting.Source == SettingSource.CommandLine)
        .Select(setting =>
            $" {setting.Option.Name}" + (setting.Value is bool ? "" : $" {ShellWord.Of(setting.Text)}")));

    // Before the data is read, which takes a while.
    private static void CheckWithoutData(SweepPlan plan, Settings[] each) => ForEach(plan, each, settings =>
    {
        _ = OptimizerPlan.Build(settings);
        _ = StopPlan.Build(settings);
        _ = ModelPlan.BuildWithoutData(settings);
        return true;
    });

    private static SweepTrial[] TrialsOf(SweepPlan plan, Settings[] each, LoadedDataset loaded, RunDisplay display)
    {
        var sources = new Dictionary<string, TrainedModel>();
        (ModelSpec Model, TrainerOptions Options, RunOptions Run)[] made = ForEach(plan, each, settings =>
        {
            TrainerOptions options = TrainingPlan.OptionsOf(settings, loaded.Data);
            if (settings.Find(RestoreOptions.InitFrom) is { } path)
            {
                if (!sources.TryGetValue(path, out TrainedModel? source))
                    sources[path] = source = ModelAccess.Load(path, display.Warn);
                options = options with { InitFrom = source, Restore = TrainingPlan.RulesOf(settings) };
            }

            return (ModelPlan.Build(settings, loaded.Data), options, TrainingPlan.RunOf(settings));
        });
        return [.. made.Select((trial, i) => new SweepTrial(plan.Points[i].Name, trial.Model, trial.Options) { Run = trial.Run })];
    }

    /// <summary>Does something for each trial, and reports the mistakes of all.</summary>
    private static T[] ForEach<T>(SweepPlan plan, Settings[] each, Func<Settings, T> make)
    {
        var results = new List<T>();
        var mistakes = new List<(string Message, SweepPoint Point)>();
        for (int i = 0; i < each.Length; i++)
        {
            try
            {
                results.Add(make(each[i]));
            }
            catch (RequestException e)
            {
                mistakes.AddRange(e.Messages.Select(message => (message, plan.Points[i])));
            }
        }

        return mistakes.Count == 0 ? [.. results] : throw new RequestException(
        [
            .. mistakes.GroupBy(mistake => mistake.Message).Select(same => same.Count() == each.Length
                ? same.Key
                : $"{same.First().Point}: {same.Key}"
                    + (same.Count() > 1 ? $" So it is in {Format.Plural(same.Count() - 1, "other trial")}." : "")),
        ]);
    }

    private static void WriteText(TextWriter writer, SweepPlan plan, SweepRecord record, IReadOnlyList<TrialResult> ranked)
    {
        TextTable.Write(
            writer,
            [
                $"run in {record.Folder}", .. plan.Parameters.Select(parameter => parameter.Name), "validation", "loss", "test", "epochs",
                "time",
            ],
            [.. ranked.Select(result => (IReadOnlyList<string>)
            [
                result.Trial.Name, .. record.PointOf(result).Values.Select(value => value.Value), ValidationOf(result),
                double.IsNaN(result.ValidationLoss) ? "-" : Format.Loss(result.ValidationLoss),
                Format.ScoreOrDash(result.TestR2, result.TestAccuracy),
                double.IsNaN(result.Epochs) ? "-" : result.Epochs.ToString("0.##", CultureInfo.InvariantCulture),
                double.IsNaN(result.Seconds) ? "-" : Format.Duration(result.Seconds),
            ])],
            firstNumber: 1);
        foreach (TrialResult failed in ranked.Where(result => result.State == TrialState.Failed))
            writer.WriteLine($"{failed.Trial.Name}: {failed.Message}");
        writer.WriteLine();
        writer.WriteLine($"picture: {record.PictureFile}");
        if (ranked[0].State != TrialState.Completed)
            return;
        string best = ranked[0].Folder;
        writer.WriteLine($"the best: lockstep evaluate {ShellWord.OfPath(best)}");
        writer.WriteLine($"the same on a cluster: lockstep train --config {ShellWord.OfPath(RunFolder.ConfigFileOf(best))}");
    }

    private static string ValidationOf(TrialResult result) => result.State switch
    {
        TrialState.Completed => Format.Score(result.ValidationR2, result.ValidationAccuracy),
        TrialState.Failed => "failed",
        TrialState.Stopped => "stopped",
        _ => "not begun",
    };
}
