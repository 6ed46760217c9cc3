using System.Net;
using Lockstep.Cli.Board;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Runs;
using Lockstep.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Model.Training;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;
using Lockstep.Shared.Restoring;
using Lockstep.Training;
using Lockstep.Wording;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Cli.Commands;

/// <summary>One training, from options to exit code.</summary>
/// <param name="invocation">The call.</param>
/// <param name="command">The command that was called.</param>
internal sealed partial class TrainingInvocation(Invocation invocation, TrainingCommand command)
{
    private readonly CommandIo _io = invocation.Io;

    /// <summary>Reads the options, trains, and prints the result.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="RequestException">The input is wrong; nothing was started.</exception>
    public async Task<int> RunAsync()
    {
        Settings settings = invocation.Settings;
        if (settings.Get(RestoreOptions.DryRun))
            return ShowRestored(settings);
        ResumePoint? resume = ResumePoint.Find(settings);
        long? length = resume is null ? null : ResumedOptions.LengthOf(settings, resume.Model.Run, resume.RunFolder);
        if (resume?.RunFolder is { } saved)
        {
            Checkpoint last = resume.Model.Checkpoint;
            if ((last.StopReason is not null || last.Step >= (length ?? last.Spec.TotalSteps))
                && File.Exists(RunFolder.SummaryFileOf(saved)))
                return ConcludeComplete(settings, saved, last);
            var problems = new Problems();
            settings = settings.OnTopOf(RunFolder.ConfigFileOf(saved), problems);
            problems.ThrowIfAny();
        }

        bool isWholeRun = ResumePoint.IsWholeRun(settings);
        string folder = settings.Find(RunFolderOptions.Out) ?? resume?.RunFolder ?? RunFolder.NewName(DateTimeOffset.UtcNow);
        bool reopens = isWholeRun && resume is null;
        if (!reopens && !RunFolder.Holds(folder, resume?.Model.Path))
            RunFolder.RefuseRun(folder);
        await OwnNames.AwaitAsync(settings, line => _io.Messages.Say(LogLevel.Warning, line), CancellationToken.None);
        ClusterOptions cluster = command.ClusterOf(settings, TrainingPlan.ClusterOf(settings, folder, reopens)) with
        {
            ResumeCommand = command.ResumeCommand(settings, folder),
        };
        OptionNames.Translate(cluster.ThrowIfInvalid);
        try
        {
            return await TrainAsync(settings, resume, length, cluster);
        }
        catch (OperationCanceledException)
        {
            _io.Messages.Say(LogLevel.Information, "Stopped before training began.");
            return ExitCode.Done;
        }
        catch (Exception e) when (!Mistakes.Are(e) && File.Exists(RunFolder.LogFileOf(folder)))
        {
            throw new UnexpectedErrorException(e, RunFolder.LogFileOf(folder));
        }
    }

    private async Task<int> TrainAsync(Settings settings, ResumePoint? resume, long? length, ClusterOptions cluster)
    {
        int started = Math.Max(cluster.Processes, cluster.Hosts.Count);
        var standing = new RunStanding(cluster.MinWorkers ?? Math.Max(1, started));
        bool verbose = settings.Get(OutputOptions.Verbose);
        using ILoggerFactory loggers = MessageLog.Create(verbose ? _io.Messages : null, verbose);
        _io.Messages.Place = () => standing.Place;
        RunSummary summary;
        await using (RunDisplay display = RunDisplay.Create(_io, settings))
        {
            using var signals = new ShutdownSignals(
                signal => display.Warn($"{signal}: finishing the step and saving; once more to end at once"), ShowCursor);
            var live = new LiveRun(cluster.RunFolder!);
            await using IAsyncDisposable? server = settings.Find(NetworkOptions.Http) is { } http
                ? await ServeAsync(http.Resolve(NetworkOptions.Http.Name), cluster.TlsDirectory, standing, live, display)
                : null;
            Trainer trainer = await PrepareAsync(settings, resume, length, cluster.RunFolder!, display, signals.Stop);
            OptionNames.Translate(() => trainer.Check(cluster));
            WarnOfIdleWorkers(trainer.Run, started, display);
            display.Working("starting the cluster");
            bool isOpen = started == 0;
            ClusterOptions options = cluster with
            {
                Loggers = loggers,
                TensorBoard = settings.Get(RunFolderOptions.TensorBoard) ? TensorBoardPictures.OptionsFor(trainer.Data) : null,
                OnEvent = value =>
                {
                    standing.Update(value);
                    live.Update(value);
                    if (isOpen || value is not RunEvent.Listening)
                        display.Show(value, trainer.Run);
                },
            };
            summary = await TrainAsync(trainer, options, signals.Stop);
        }

        return Conclude(summary, settings);
    }

    // A method of its own: without --http, no code of servers is loaded.
    private async Task<IAsyncDisposable> ServeAsync(
        IPEndPoint http, string? tlsFolder, RunStanding standing, LiveRun live, RunDisplay display)
    {
        (IAsyncDisposable server, string address, string note) = await BoardPages.StartAsync(
            http, NetworkOptions.Http.Name, () => standing.Readiness, new RunShelf(Path.GetDirectoryName(live.Folder)!, live), tlsFolder,
            _io);
        display.Say($"board, health and metrics at {address}{note}");
        return server;
    }

    private static async Task<RunSummary> TrainAsync(Trainer trainer, ClusterOptions options, CancellationToken stop)
    {
        try
        {
            return (await trainer.TrainAsync(options, stop)).Summary;
        }
        catch (TrainingException failure) when (failure.Summary is { } summary)
        {
            return summary;
        }
    }

    /// <summary>
    /// Lets the runtime load actors and compile the kernels of the model while the data are read. Mistakes in the options are told by
    /// whoever makes the model.
    /// </summary>
    private static void WarmUp(ResumePoint? resume, Settings settings) => _ = Task.Factory.StartNew(
        () =>
        {
            TrainingHost.WarmUp();
            if ((resume?.Model.Run.Model ?? ModelPlan.BuildWithoutData(settings)) is { } model)
                _ = NumericsFingerprint.Compute(model);
        },
        CancellationToken.None,
        // A thread of its own: an actor system blocks one while it starts, and the pool begins with no more than there are processors.
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>Reads what there is to read, and shows it.</summary>
    private async Task<Trainer> PrepareAsync(
        Settings settings, ResumePoint? resume, long? length, string folder, RunDisplay display, CancellationToken stop)
    {
        foreach (string warning in resume?.Model.Warnings ?? [])
            display.Warn($"warning: {warning}");
        WarmUp(resume, settings);
        Trainer trainer;
        LoadedDataset loaded;
        if (resume is not null)
        {
            RunConfiguration? run = DatasetAccess.ConfigurationOf(resume.RunFolder);
            loaded = await DatasetAccess.LoadAsync(resume.Model.Run.Data, run, settings, _io, display, stop);
            DatasetAccess.CheckDigest(resume.Model.Run, loaded);
            trainer = Trainer.Resume(resume.Model, loaded.Data, length);
        }
        else
        {
            // Before the data is read, which takes a while.
            if (settings.Find(RestoreOptions.InitFrom) is null)
                settings.RefuseWithoutEffect(
                    RestoreOptions.Rules, $"no checkpoint is restored. Leave it out, or give one with {RestoreOptions.InitFrom.Name}.");
            _ = OptimizerPlan.Build(settings);
            _ = StopPlan.Build(settings);
            ModelSpec? model = ModelPlan.BuildWithoutData(settings);
            TrainedModel? initFrom = model is null ? null : ReadRestored(settings, model, display);
            loaded = await DatasetAccess.LoadAsync(name: null, settings, _io, display, stop);
            model ??= ModelPlan.Build(settings, loaded.Data);
            initFrom ??= ReadRestored(settings, model, display);
            trainer = TrainingPlan.New(settings, model, loaded.Data, initFrom);
        }

        Introduce(trainer.Run, loaded, folder, display);
        return trainer;
    }

    /// <summary>Reads the checkpoint that the run is to begin with, if there is one, and shows what becomes of every parameter.</summary>
    private static TrainedModel? ReadRestored(Settings settings, ModelSpec model, RunDisplay display)
    {
        if (settings.Find(RestoreOptions.InitFrom) is not { } path)
            return null;
        return Restore(path, settings, model, display.Warn, (source, plan) =>
        {
            var table = new StringWriter();
            new RestoreTable(model, source, plan).WriteText(table);
            foreach (string line in table.ToString().TrimEnd().Split(Environment.NewLine))
                display.Say(line);
        });
    }

    /// <summary>Shows what would become of every parameter, and trains nothing.</summary>
    private int ShowRestored(Settings settings)
    {
        string path = settings.Find(RestoreOptions.InitFrom) ?? throw new RequestException(
            $"{RestoreOptions.DryRun.Name} needs {RestoreOptions.InitFrom.Name} {RestoreOptions.InitFrom.Placeholder}: "
            + "it shows which parameters would come from that checkpoint.");
        ModelSpec model = ModelPlan.BuildWithoutData(settings) ?? throw new RequestException(
            $"{RestoreOptions.DryRun.Name} does not read the data, so it needs all widths of the model in {ModelOptions.Model.Name}.");
        _ = Restore(path, settings, model, _io.Error.WriteLine, (source, plan) =>
        {
            if (settings.Get(OutputOptions.Json))
                JsonOutput.Write(_io.Out, RestoreJson.Of(model, source, plan), ResultsContext.Default.RestoreJson);
            else
                new RestoreTable(model, source, plan).WriteText(_io.Out);
        });
        return ExitCode.Done;
    }

    /// <summary>Reads a checkpoint, matches it with a model and shows the outcome, before it is refused where the options say so.</summary>
    private static TrainedModel Restore(
        string path, Settings settings, ModelSpec model, Action<string> warn, Action<TrainedModel, RestorePlan> show)
    {
        TrainedModel source = ModelAccess.Load(path, warn);
        RestoreRules rules = TrainingPlan.RulesOf(settings);
        RestorePlan plan = source.PlanRestore(model, rules);
        show(source, plan);
        RestoreProblems.ThrowIfAny(plan, rules, model, source);
        return source;
    }

    private int ConcludeComplete(Settings settings, string folder, Checkpoint last)
    {
        string word = ShellWord.OfPath(folder);
        string complete = last.StopReason is { } reason
            ? $"The run in {folder} is complete: it stopped early after step {Format.Count(last.Step)}, {reason}. "
                + $"Begin another run with its weights with --init-from {word}, or look at it: lockstep evaluate {word}"
            : $"The run in {folder} is complete: all {Format.Count(last.Step)} steps are done. "
                + $"Make it longer with --epochs or --steps, or look at it: lockstep evaluate {word}";
        if (!ResumePoint.IsWholeRun(settings))
            throw new RequestException(complete);
        _io.Messages.Say(LogLevel.Information, complete);
        if (settings.Get(OutputOptions.Json))
            _io.Out.WriteLine(BoundedFile.ReadAllText(RunFolder.SummaryFileOf(folder), BoundedFile.MaxTextBytes).TrimEnd());
        return ExitCode.Done;
    }

    private static void WarnOfIdleWorkers(RunSpec spec, int workers, RunDisplay display)
    {
        if (workers > spec.Shards)
        {
            display.Warn($"warning: {workers} workers share {Format.Plural(spec.Shards, "shard")}, so {workers - spec.Shards} of them will "
                + "stand by. A run with more --shards can use them; its weights are other ones.");
        }
    }

    private static void Introduce(RunSpec spec, LoadedDataset loaded, string folder, RunDisplay display)
    {
        double epochs = (double)spec.TotalSteps / spec.StepsPerEpoch;
        display.Say($"Lockstep {RunEnvironment.Version}, run folder {folder}");
        display.Say($"{spec.Data.Name}: {Format.Count(spec.Data.TrainingExamples)} training, "
            + $"{Format.Count(spec.Data.ValidationExamples)} validation, "
            + $"{Format.Count(loaded.Data.Test.Count)} test {loaded.Data.Test.KindName} from {loaded.Source}");
        if (spec.Data.Preparation is { } preparation)
            display.Say(preparation.Targets.Count > 0
                ? $"targets: {Format.Names([.. preparation.Targets.Select(target => target.Name)])}"
                : $"classes: {Format.Names(preparation.Classes)}");
        if (!spec.IsRegression && spec.Model.Classes > loaded.Data.Classes)
        {
            display.Warn($"warning: The model has {spec.Model.Classes} outputs, the data has {loaded.Data.Classes} classes; the other "
                + $"outputs stand for nothing. The last width 'out' in {ModelOptions.Model.Name} is that of the data.");
        }

        int least = spec.BatchSize / spec.Shards;
        if (least < BatchNormSpec.FewExamples && spec.Model.Layers.OfType<BatchNormSpec>().Any(layer => layer.Mean.IsTrainable))
        {
            display.Warn($"warning: Batch normalisation takes mean and variance over the examples of a shard, and "
                + $"{Format.Plural(spec.BatchSize, "example")} in {Format.Plural(spec.Shards, "shard")} are as few as {least} in one. "
                + "Fewer --shards or a larger --batch-size serve it better.");
        }

        display.Say(
            $"{spec.Model}: {Format.Count(new ParameterLayout(spec.Model).Count)} parameters; {Format.Plural(spec.TotalSteps, "step")} "
            + $"({Format.Epochs(epochs)}) of {spec.BatchSize} examples in {Format.Plural(spec.Shards, "shard")}");
    }

    private int Conclude(RunSummary summary, Settings settings)
    {
        RunResult result = summary.Result;
        if (result.Outcome != RunOutcome.Completed)
            _io.Messages.Say(
                result.Outcome is RunOutcome.Stopped or RunOutcome.HandedOver ? LogLevel.Information : LogLevel.Error, summary.Ending);
        if (settings.Get(OutputOptions.Json))
        {
            JsonOutput.Write(_io.Out, summary.Write);
        }
        else if (result.Outcome == RunOutcome.Completed)
        {
            TextTable.WritePairs(_io.Out,
            [
                .. Scores(result),
                .. EarlyText.Pairs(summary),
                ("weights", $"sha256 {result.WeightsSha256}"),
                ("trained",
                    $"{Format.Plural(result.Steps, "step")}, {Format.Epochs(summary.Epochs)}; {Format.Count(result.Examples)} examples "
                        + $"in {Format.Duration(result.TrainSeconds)}, "
                    + $"{Format.Count(summary.ExamplesPerSecond)} examples/s"),
                ("with", $"{Format.Plural(result.Workers, "worker")}, {Format.Plural(result.Lanes, "lane")}"
                    + (result.SlicedSteps > 0 ? $"; {Format.Plural(result.SlicedSteps, "step")} in slices" : "")),
                ("run folder", summary.Folder!),
            ]);
        }

        if (_io.Output?.Loss is { } loss)
            LogLost(summary, loss);
        return result.Outcome switch
        {
            RunOutcome.Completed or RunOutcome.Stopped or RunOutcome.HandedOver => ExitCode.Done,
            RunOutcome.ClusterLost => ExitCode.ClusterLost,
            _ => ExitCode.RunFailed,
        };
    }

    private static IEnumerable<(string, string)> Scores(RunResult result)
    {
        if (result.TestTargets is not { } targets)
        {
            return
            [
                ("test accuracy", Format.Percent(result.TestAccuracy ?? double.NaN)),
                ("validation accuracy", Format.Percent(result.ValidationAccuracy ?? double.NaN)),
            ];
        }

        return
        [
            ("test R²", Format.R2(result.TestR2 ?? double.NaN)),
            ("validation R²", Format.R2(result.ValidationR2 ?? double.NaN)),
            .. targets.Select(target => (
                $"test {ForeignText.Beginning(target.Name)}",
                $"R² {Format.R2(target.Score.R2)}, RMSE {Format.Number(target.Score.RootMeanSquare)}, "
                    + $"MAE {Format.Number(target.Score.MeanAbsolute)}")),
        ];
    }

    private static void LogLost(RunSummary summary, string reason)
    {
        using ILoggerFactory log = RunLog.Create(RunFolder.LogFileOf(summary.Folder!), NullLoggerFactory.Instance, all: false);
        ILogger logger = log.CreateLogger<TrainingInvocation>();
        LogResultLost(logger, reason, RunFolder.SummaryFileOf(summary.Folder!));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The result could not be written to standard output: {Reason}; it is in {File}")]
    private static partial void LogResultLost(ILogger logger, string reason, string file);

    // A display that is cut off leaves the cursor hidden.
    private void ShowCursor()
    {
        if (_io.ErrorIsTerminal)
            _io.ErrorTerminal.WriteLine("\u001b[?25h");
    }
}
