using Lockstep.Cli.Health;
using Lockstep.Cli.Hosting;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Wording;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Commands;

/// <summary>
/// <c>worker</c>: computes for a coordinator. One that <c>train</c> or <c>launch</c> has started reads where to join from its standard
/// input.
/// </summary>
internal sealed class WorkerCommand : CliCommand
{
    private static readonly CliOption<string> Join = new("--join", Kinds.JoinAddress)
    {
        Placeholder = "HOST:PORT[,...]", IsPerInvocation = true,
        Elsewhere = ["--connect", "--coordinator", "--master", "--address"],
        Help = "Address that the coordinator printed, or those of all its peers; any that runs is enough. Required.",
    };

    public WorkerCommand()
        : base("worker", "Compute for a coordinator with this machine's processors")
    {
        Take(OptionHeading.Cluster, Join, NetworkOptions.Lanes, NetworkOptions.SecretFile, NetworkOptions.TlsFolder, NetworkOptions.Http,
            NetworkOptions.WorkerTimeout);
        Take(OptionHeading.Output, OutputOptions.Quiet, OutputOptions.Verbose, OutputOptions.LogFormat);
    }

    public override string Heading => CommandHeading.Train;

    public override string Details =>
        "Joins a coordinator, receives the run and its data from it, and computes until the run ends. It needs no data and no options "
            + "of the training.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep worker --join 192.168.1.10:4053 --secret-file lockstep.secret", "all processors of this machine"),
        ("lockstep worker --join 127.0.0.1:4053 --lanes 1", "one compute thread"),
    ];

    public override ResourceNeeds NeedsOf(Settings settings) => new() { Processes = 1, Lanes = settings.FindValue(NetworkOptions.Lanes) };

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string join = settings.Find(Join)
            ?? throw new RequestException($"--join is missing: give the address that the coordinator printed, {Join.Legal}.");
        bool isRemote = join == Kinds.JoinFromSsh, launched = isRemote || join == Kinds.JoinFromStandardInput;

        // Its launcher reads lines for people, and its health is the run's, whatever the environment that it was given says.
        Messages messages = launched ? new TextMessages(io.Error) : io.Messages;
        var status = new WorkerStatus();
        messages.Place = () =>
            status.Run is { } run ? new RunPlace(run.RunId, run.Term, status.Step, status.Name) : new RunPlace(Worker: status.Name);

        // Ctrl-C in a terminal goes to every process there. The launcher decides what it means, and it needs its workers for
        // the step that it finishes; its own end is the end of this process's input.
        using var signals = new ShutdownSignals(
            signal => messages.Say(
                LogLevel.Warning, $"{signal}: finishing the step and leaving; once more to end at once"), isLaunched: launched);
        bool verbose = settings.Get(OutputOptions.Verbose);

        // What one that was launched has to say ends in the log of the run.
        using ILoggerFactory loggers = MessageLog.Create(verbose || launched ? messages : null, verbose);
        var options = new ClusterWorkerOptions
        {
            Lanes = settings.FindValue(NetworkOptions.Lanes) ?? 0,
            SecretFile = settings.Find(NetworkOptions.SecretFile),
            TlsDirectory = settings.Find(NetworkOptions.TlsFolder),
            JoinTimeout = TimeSpan.FromSeconds(settings.Get(NetworkOptions.WorkerTimeout)),
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

    private static async Task<string?> JoinAsync(
        Settings settings, string join, ClusterWorkerOptions options, Messages messages, CancellationToken stop)
    {
        bool quiet = settings.Get(OutputOptions.Quiet);
        await using HealthServer? health = settings.Find(NetworkOptions.Http) is { } http
            ? await HealthServer.StartAsync(
                http.Resolve(NetworkOptions.Http.Name), NetworkOptions.Http.Name, () => ReadinessOf(options.Status), options.TlsDirectory)
            : null;
        if (health is not null && !quiet)
            messages.Say(LogLevel.Information, $"health and metrics at {health.Address}");
        if (!quiet)
        {
            messages.Say(
                LogLevel.Information, $"joining {join}; giving up after {Format.Duration(settings.Get(NetworkOptions.WorkerTimeout))}");
        }

        return await ClusterWorker.RunAsync(join, options, stop);
    }

    private static Readiness ReadinessOf(WorkerStatus status) => status.Run is { } run
        ? new Readiness(true, $"joined run {run.RunId}, term {run.Term}, as {status.Name}, step {Format.Count(status.Step)}")
        : new Readiness(false, "not joined");
}
