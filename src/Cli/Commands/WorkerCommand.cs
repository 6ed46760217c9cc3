using Lockstep.Cli.Configuration;
using Lockstep.Cli.Health;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Wording;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Commands;

/// <summary><c>worker</c>: computes for a coordinator. One that <c>train</c> or <c>launch</c> has started reads where to join from its standard input.</summary>
internal static class WorkerCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string join = settings.Find(OptionTable.Join)
            ?? throw new RequestException($"--join is missing: give the address that the coordinator printed, {OptionTable.Join.Legal}.");
        bool isRemote = join == Kinds.JoinFromSsh, launched = isRemote || join == Kinds.JoinFromStandardInput;

        // Its launcher reads lines for people, and its health is the run's, whatever the environment that it was given says.
        Messages messages = launched ? new TextMessages(io.Error) : io.Messages;
        var status = new WorkerStatus();
        messages.Place = () => status.Run is { } run ? new RunPlace(run.RunId, run.Term, status.Step, status.Name) : new RunPlace(Worker: status.Name);

        // Ctrl-C in a terminal goes to every process there. The launcher decides what it means, and it needs its workers for
        // the step that it finishes; its own end is the end of this process's input.
        using var signals = new ShutdownSignals(
            signal => messages.Say(LogLevel.Warning, $"{signal}: finishing the step and leaving; once more to end at once"), isLaunched: launched);
        bool verbose = settings.Get(OptionTable.Verbose);

        // What one that was launched has to say ends in the log of the run.
        using ILoggerFactory loggers = MessageLog.Create(verbose || launched ? messages : null, verbose);
        var options = new ClusterWorkerOptions
        {
            Lanes = settings.Text(OptionTable.Lanes) is null ? 0 : (int)settings.Get(OptionTable.Lanes),
            SecretFile = settings.Find(OptionTable.SecretFile),
            TlsDirectory = settings.Find(OptionTable.TlsFolder),
            JoinTimeout = TimeSpan.FromSeconds(settings.Get(OptionTable.WorkerTimeout)),
            OnNotice = notice => messages.Say(LogLevel.Warning, notice),
            Status = status,
            Loggers = loggers,
        };
        try
        {
            string? last = launched
                ? await ClusterWorker.RunStartedAsync(io.In, isRemote, options, signals.Stop)
                : await JoinAsync(settings, join, options, messages, signals.Stop);
            if (last is not null)
                messages.Say(LogLevel.Information, last);
            return ExitCode.Done;
        }
        catch (TrainingException lost)
        {
            messages.Say(LogLevel.Error, lost.Message);
            return ExitCode.ClusterLost;
        }
    }

    private static async Task<string?> JoinAsync(Settings settings, string join, ClusterWorkerOptions options, Messages messages, CancellationToken stop)
    {
        bool quiet = settings.Get(OptionTable.Quiet);
        await using HealthServer? health = HealthServer.Start(settings, () => ReadinessOf(options.Status));
        if (health is not null && !quiet)
            messages.Say(LogLevel.Information, $"health and metrics at {health.Address}");
        if (!quiet)
            messages.Say(LogLevel.Information, $"joining {join}");
        return await ClusterWorker.RunAsync(join, options, stop);
    }

    private static Readiness ReadinessOf(WorkerStatus status) => status.Run is { } run
        ? new Readiness(true, $"joined run {run.RunId}, term {run.Term}, as {status.Name}, step {Format.Count(status.Step)}")
        : new Readiness(false, "not joined");
}
