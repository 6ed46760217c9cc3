using Lockstep.Cli.Commands;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Health;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Verification;
using Lockstep.Coordinator.Data;
using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Training;

/// <summary>One training from options to exit code: run folder, data, spec, host, summary.</summary>
internal sealed partial class TrainingSession(Invocation invocation, Func<Settings, ClusterPlan> planCluster)
{
    private const string StoppedEarly = "Stopped before training began.";

    private readonly CommandIo _io = invocation.Io;

    /// <summary>Trains.</summary>
    /// <exception cref="UserErrorException">The input is wrong; nothing was started.</exception>
    public async Task<int> RunAsync()
    {
        Settings settings = invocation.Settings;
        ResumePoint? resume = ResumePoint.Find(settings);
        RunSpec? resumedSpec = resume is null ? null : RunPlan.Resumed(settings, resume.Source.Checkpoint.Spec);
        if (resume?.RunFolder is { } saved)
        {
            if (IsComplete(resume, resumedSpec!))
                return ConcludeComplete(settings, saved, resumedSpec!);
            var problems = new Problems();
            settings = settings.OnTopOf(RunFolder.ConfigFileOf(saved), problems);
            problems.ThrowIfAny();
        }

        ClusterPlan cluster = planCluster(settings);
        using RunFolder folder = OpenFolder(settings, resume);
        try
        {
            return await RunLoggedAsync(settings, resume, resumedSpec, cluster, folder);
        }
        catch (OperationCanceledException)
        {
            folder.Discard();
            _io.Messages.Say(LogLevel.Information, StoppedEarly);
            return ExitCode.Done;
        }
        catch (Exception e) when (UserErrors.Is(e))
        {
            folder.Discard();
            throw;
        }
    }

    private async Task<int> RunLoggedAsync(Settings settings, ResumePoint? resume, RunSpec? resumedSpec, ClusterPlan cluster, RunFolder folder)
    {
        bool verbose = settings.Get(OptionTable.Verbose);
        using ILoggerFactory loggers = RunLog.Create(folder.LogFile, verbose ? _io.Messages : null, verbose);
        try
        {
            return await RunAsync(settings, resume, resumedSpec, cluster, folder, loggers);
        }
        catch (Exception e) when (UserErrors.Is(e) || e is OperationCanceledException)
        {
            ILogger screen = loggers.CreateLogger(RunLog.Screen);
            string reason = e is OperationCanceledException ? StoppedEarly : e.Message;
            LogNotStarted(screen, reason);
            throw;
        }
        catch (Exception e)
        {
            ILogger logger = loggers.CreateLogger<TrainingSession>();
            LogUnexpected(logger, e);
            if (!File.Exists(folder.LogFile))
                throw;
            throw new UnexpectedErrorException(e, folder.LogFile);
        }
    }

    private async Task<int> RunAsync(
        Settings settings, ResumePoint? resume, RunSpec? resumedSpec, ClusterPlan cluster, RunFolder folder, ILoggerFactory loggers)
    {
        RunSummary summary;
        ILogger screen = loggers.CreateLogger(RunLog.Screen);
        var standing = new RunStanding(cluster.MinWorkers > 0 ? cluster.MinWorkers : cluster.Launches.Count, toGoOn: cluster.Launches.Count > 0 ? 1 : cluster.MinWorkers);
        _io.Messages.Place = () => standing.Place;
        await using (RunDisplay display = new LoggedDisplay(RunDisplay.Create(_io, settings), screen))
        {
            using var signals = new ShutdownSignals(signal => display.Warn($"{signal}: finishing the step and saving; once more to end at once"), ShowCursor);
            await using HealthServer? health = HealthServer.Start(settings, () => standing.Readiness);
            if (health is not null)
                display.Say($"health and metrics at {health.Address}");
            foreach (string warning in resume?.Source.Warnings ?? [])
                display.Warn($"warning: {warning}");
            RestoreStep? restore = resume is null ? Restore(settings, display) : null;
            LoadedDataset loaded = await DatasetAccess.LoadAsync(
                resumedSpec?.Data.Name ?? settings.Find(OptionTable.Dataset), settings, _io, display, signals.Stop);
            RunSpec spec = resumedSpec ?? RunPlan.New(settings, loaded.Data) with { RestoredSha256 = restore?.Plan.Sha256 };
            DatasetAccess.CheckDigest(spec, loaded);
            WarnOfIdleWorkers(spec, cluster, display);
            Introduce(spec, loaded, folder, display);
            display.Working("starting the cluster");
            folder.WriteConfiguration(writer => SettingsJson.Write(writer, settings, spec), spec);
            folder.WriteEnvironment(invocation.Started, invocation.Arguments);

            using EventsFile events = folder.OpenEvents(TimeProvider.System);
            int keepCheckpoints = (int)settings.Get(OptionTable.KeepCheckpoints);
            var options = new TrainingOptions
            {
                Spec = spec,
                Data = loaded.Data,
                CheckpointDirectory = folder.CheckpointDirectory,
                TraceFile = folder.TraceFile,
                MetricsFile = folder.MetricsFile,
                ResumeFrom = resume?.Source.Checkpoint,
                Restored = restore?.Plan.Tensors ?? [],
                Listen = cluster.Listen,
                Advertise = cluster.Advertise,
                Peers = cluster.Peers,
                Secret = cluster.Secret,
                Tls = cluster.Tls,
                SharesMemory = settings.Get(OptionTable.Transport) == Kinds.AutomaticTransport,
                Launches = cluster.Launches,
                MinWorkers = cluster.MinWorkers,
                WorkerTimeout = TimeSpan.FromSeconds(settings.Get(OptionTable.WorkerTimeout)),
                EvaluateEverySteps = settings.Get(OptionTable.EvaluateEvery).Steps(spec.StepsPerEpoch),
                CheckpointEverySteps = settings.Get(OptionTable.CheckpointEvery).Steps(spec.StepsPerEpoch),
                KeepCheckpoints = keepCheckpoints,
            };
            File.Delete(folder.FailureFile); // Of an earlier attempt.
            using var observer = new RunObserver(spec, isOpen: cluster.Launches.Count == 0, standing, display, folder, events, loggers.CreateLogger<RunObserver>());
            RunResult result = await TrainAsync(options, observer, loggers, signals.Stop);
            result = result with { Checkpoint = FindSaved(folder, result) };
            observer.Ended(result);
            summary = new RunSummary(spec, result, invocation.Clock.Elapsed.TotalSeconds, folder.Path);
            WriteSummary(folder, summary, display);
            if (result.Outcome is RunOutcome.ClusterLost or RunOutcome.Failed)
                WriteFailure(folder, new FailureReport(summary, observer.Losses, Ending(summary, ResumeCommand(summary, settings, cluster))), display);
        }

        return Conclude(summary, settings, cluster, screen);
    }

    /// <exception cref="UserErrorException">The coordinator that leads trains another run.</exception>
    private static async Task<RunResult> TrainAsync(TrainingOptions options, RunObserver observer, ILoggerFactory loggers, CancellationToken stop)
    {
        try
        {
            return await TrainingHost.RunAsync(options, observer, loggers, stop);
        }
        catch (OtherRunException other)
        {
            IEnumerable<string> differences = SpecDifferences.Between(other.Leader, options.Spec).Select(difference => difference.ToString("its run", "this one's"));
            throw new UserErrorException($"The coordinator at {other.Address} trains another run: {string.Join("; ", differences)}. Start all coordinators of a run with the same options.", other);
        }
    }

    /// <summary>The newest checkpoint that a run can go on from, whichever process wrote it.</summary>
    private static string? FindSaved(RunFolder folder, RunResult result)
    {
        if (result.Checkpoint is { } own && File.Exists(own))
            return own;
        try
        {
            return new CheckpointStore(folder.CheckpointDirectory).LoadNewest()?.Path;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    // The training is done; its result is still printed.
    private static void WriteSummary(RunFolder folder, RunSummary summary, RunDisplay display)
    {
        if (!Directory.Exists(folder.Path))
            return; // As its ending says.
        try
        {
            JsonFile.Write(folder.SummaryFile, summary.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            display.Warn($"warning: {folder.SummaryFile} cannot be written: {e.Message}");
        }
    }

    private static void WriteFailure(RunFolder folder, FailureReport report, RunDisplay display)
    {
        if (!Directory.Exists(folder.Path))
            return;
        try
        {
            JsonFile.Write(folder.FailureFile, report.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            display.Warn($"warning: {folder.FailureFile} cannot be written: {e.Message}");
        }
    }

    private static RunFolder OpenFolder(Settings settings, ResumePoint? resume)
    {
        string? chosen = settings.Find(OptionTable.Out);
        if (resume?.RunFolder is { } own && (chosen is null || Path.GetFullPath(chosen) == Path.GetFullPath(own)))
            return RunFolder.Reopen(own);

        // What came before the first checkpoint is trained again.
        if (resume is null && ResumePoint.IsWholeRun(settings))
            return RunFolder.Reopen(chosen!);
        return RunFolder.Create(chosen ?? RunFolder.NewName(DateTimeOffset.UtcNow));
    }

    private static bool IsComplete(ResumePoint resume, RunSpec spec) =>
        resume.Source.Checkpoint.Step >= spec.TotalSteps && File.Exists(RunFolder.SummaryFileOf(resume.RunFolder!));

    private int ConcludeComplete(Settings settings, string folder, RunSpec spec)
    {
        string complete = $"The run in {folder} is complete: all {Format.Count(spec.TotalSteps)} steps are done. "
            + $"Make it longer with --epochs or --steps, or look at it with 'lockstep evaluate {folder}'.";
        if (!ResumePoint.IsWholeRun(settings))
            throw new UserErrorException(complete);
        _io.Messages.Say(LogLevel.Information, complete);
        if (settings.Get(OptionTable.Json))
            _io.Out.WriteLine(File.ReadAllText(RunFolder.SummaryFileOf(folder)).TrimEnd());
        return ExitCode.Done;
    }

    /// <summary>Matches the model with a checkpoint, if asked to, and shows what becomes of every parameter.</summary>
    private static RestoreStep? Restore(Settings settings, RunDisplay display)
    {
        ModelSpec model = ModelPlan.Build(settings);
        if (settings.Find(OptionTable.InitFrom) is not { } source)
            return null;
        RestoreStep restore = RestoreStep.Load(source, settings, model);
        foreach (string warning in restore.Warnings)
            display.Warn($"warning: {warning}");
        var table = new StringWriter();
        restore.WriteTable(table);
        foreach (string line in table.ToString().TrimEnd().Split(Environment.NewLine))
            display.Say(line);
        restore.ThrowIfRefused();
        return restore;
    }

    private static void WarnOfIdleWorkers(RunSpec spec, ClusterPlan cluster, RunDisplay display)
    {
        int workers = cluster.Launches.Count;
        if (workers > spec.Shards)
        {
            display.Warn($"warning: {workers} workers share {Format.Plural(spec.Shards, "shard")}, so {workers - spec.Shards} of them will "
                + "stand by. A run with more --shards can use them; its weights are other ones.");
        }
    }

    private static void Introduce(RunSpec spec, LoadedDataset loaded, RunFolder folder, RunDisplay display)
    {
        double epochs = (double)spec.TotalSteps / spec.StepsPerEpoch;
        display.Say($"Lockstep {RunEnvironment.Version}, run folder {folder.Path}");
        display.Say($"{spec.Data.Name}: {Format.Count(spec.Data.TrainingExamples)} training, {Format.Count(spec.Data.ValidationExamples)} validation, "
            + $"{Format.Count(loaded.Data.Test.Count)} test images from {loaded.Source}");
        display.Say($"{spec.Model}: {Format.Count(new ParameterLayout(spec.Model).Count)} parameters; {Format.Plural(spec.TotalSteps, "step")} "
            + $"({Format.Epochs(epochs)}) of {spec.BatchSize} examples in {Format.Plural(spec.Shards, "shard")}");
    }

    private int Conclude(RunSummary summary, Settings settings, ClusterPlan cluster, ILogger screen)
    {
        RunResult result = summary.Result;
        if (result.Outcome == RunOutcome.Completed)
        {
            LogCompleted(screen, result.Steps, result.TrainSeconds, result.TestAccuracy, result.WeightsSha256);
        }
        else
        {
            string ending = Ending(summary, ResumeCommand(summary, settings, cluster));
            LogLevel level = result.Outcome is RunOutcome.Stopped or RunOutcome.HandedOver ? LogLevel.Information : LogLevel.Error;
            LogEnded(screen, level, ending);
            _io.Messages.Say(level, ending);
        }

        if (settings.Get(OptionTable.Json))
        {
            JsonOutput.Write(_io.Out, summary.Write);
        }
        else if (result.Outcome == RunOutcome.Completed)
        {
            TextTable.WritePairs(_io.Out,
            [
                ("test accuracy", Format.Percent(result.TestAccuracy ?? double.NaN)),
                ("validation accuracy", Format.Percent(result.ValidationAccuracy ?? double.NaN)),
                ("weights", $"sha256 {result.WeightsSha256}"),
                ("trained", $"{Format.Plural(result.Steps, "step")}, {Format.Epochs(summary.Epochs)}; {Format.Count(result.Examples)} examples in {Format.Duration(result.TrainSeconds)}, "
                    + $"{Format.Count(summary.ExamplesPerSecond)} examples/s"),
                ("with", $"{Format.Plural(result.Workers, "worker")}, {Format.Plural(result.Lanes, "lane")}"),
                ("run folder", summary.Folder),
            ]);
        }

        if (_io.Output?.Loss is { } loss)
            LogResultLost(screen, loss, RunFolder.SummaryFileOf(summary.Folder));

        return result.Outcome switch
        {
            RunOutcome.Completed or RunOutcome.Stopped or RunOutcome.HandedOver => ExitCode.Done,
            RunOutcome.ClusterLost => ExitCode.ClusterLost,
            _ => ExitCode.RunFailed,
        };
    }

    private static string ResumeCommand(RunSummary summary, Settings settings, ClusterPlan cluster)
    {
        string command = settings.Command switch
        {
            CommandSet.Train => "train",
            CommandSet.Launch => "launch",
            _ => $"coordinator --listen {CoordinatorCommand.ListenOf(settings)}" + (cluster.Advertise is null ? "" : $" --advertise {settings.Text(OptionTable.Advertise)}")
                + (cluster.Peers.Count == 0 ? "" : $" --peers {settings.Text(OptionTable.Peers)}"),
        };
        // What names a program is not saved with the run.
        OptionDescriptor[] programs = [OptionTable.Ssh, OptionTable.RemoteProgram];
        IEnumerable<string> again = programs.Select(settings.GivenNow).OfType<Setting>().Select(given => $" {given.Option.Name} {SshLaunch.Quote(given.Text)}");
        return $"lockstep {command} --resume {SshLaunch.QuoteIfNeeded(summary.Folder)}{string.Concat(again)}";
    }

    /// <summary>What helps after a divergence: another run. The same one, resumed, would diverge in the same step.</summary>
    private static string AfterDivergence(RunSummary summary, long lastFinite, string resume)
    {
        string checkpoints = Path.Combine(summary.Folder, "checkpoints");
        string? begin = Directory.Exists(checkpoints) ? new CheckpointStore(checkpoints).LoadNewest(lastFinite)?.Path : null;
        string config = RunFolder.ConfigFileOf(summary.Folder), folder = SshLaunch.QuoteIfNeeded(summary.Folder);
        string lower = (summary.Spec.Optimizer.LearningRate / 10).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        string again = resume.Replace($"--resume {folder}", $"--config {SshLaunch.QuoteIfNeeded(config)}", StringComparison.Ordinal);
        string from = begin is null ? "" : $" --init-from {SshLaunch.QuoteIfNeeded(begin)}";
        return $"The same run would diverge again. Start another one with a lower rate{(begin is null ? "" : ", from the newest checkpoint of finite weights and loss")}: {again}{from} --learning-rate {lower}";
    }

    private static string Ending(RunSummary summary, string resume)
    {
        RunResult result = summary.Result;
        if (result.Outcome == RunOutcome.HandedOver)
            return $"Handed over after step {Format.Count(result.Steps)} of {Format.Count(summary.Spec.TotalSteps)}. {result.Message}";
        string what = result.Outcome == RunOutcome.Stopped
            ? $"Stopped after step {Format.Count(result.Steps)} of {Format.Count(summary.Spec.TotalSteps)}."
            : result.Message ?? "The run failed.";
        if (!Directory.Exists(summary.Folder))
            return $"{what} The run folder {summary.Folder} was deleted meanwhile.";
        if (result.LastFiniteStep is { } lastFinite)
            return $"{what} {AfterDivergence(summary, lastFinite, resume)}";
        if (result.Checkpoint is not { } saved)
            return $"{what} Nothing is saved; the log is {Path.Combine(summary.Folder, "log.txt")}.";
        string newest = Path.GetFileName(saved) == CheckpointStore.FileName(result.Steps) ? "" : $" The newest checkpoint is {saved}.";
        return $"{what}{newest} Go on with: {resume}";
    }

    // A display that is cut off leaves the cursor hidden.
    private void ShowCursor()
    {
        if (_io.ErrorIsTerminal)
            _io.Error.WriteLine("\u001b[?25h");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Completed after {Steps} steps in {Seconds:F1} s: test accuracy {TestAccuracy:P2}, weights sha256 {WeightsSha256}")]
    private static partial void LogCompleted(ILogger logger, long steps, double seconds, double? testAccuracy, string? weightsSha256);

    [LoggerMessage(Message = "{Ending}")]
    private static partial void LogEnded(ILogger logger, LogLevel level, string ending);

    [LoggerMessage(Level = LogLevel.Error, Message = "The result could not be written to standard output: {Reason}; it is in {File}")]
    private static partial void LogResultLost(ILogger logger, string reason, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not started: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The run failed unexpectedly")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);
}
