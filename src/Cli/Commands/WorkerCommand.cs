using System.Net;
using System.Text;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Health;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Launching;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;
using Lockstep.Worker.Hosting;
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
            ?? throw new UserErrorException($"--join is missing: give the address that the coordinator printed, {OptionTable.Join.Legal}.");
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
        using ILoggerFactory loggers = RunLog.Create(file: null, verbose || launched ? messages : null, verbose);
        Akka.Actor.ActorSystem? node = null;
        LaunchOrder? order = null;
        if (launched)
        {
            // While the launcher gets ready itself. Where it is on another machine, which address faces it is known with its own.
            Task<Akka.Actor.ActorSystem>? starting = isRemote ? null : Task.Run(() => WorkerHost.StartNode(IPAddress.Loopback, loggers));
            order = await ReadOrderAsync(io.In);
            if (order is null)
                return ExitCode.Done;
            join = order.Address;
            node = starting is null ? null : await starting;
        }

        IReadOnlyList<HostPort> coordinators = Kinds.JoinPlaces(join);
        bool quiet = launched || settings.Get(OptionTable.Quiet);
        await using HealthServer? health = launched ? null : HealthServer.Start(settings, () => ReadinessOf(status));
        if (health is not null && !quiet)
            messages.Say(LogLevel.Information, $"health and metrics at {health.Address}");
        if (!quiet)
            messages.Say(LogLevel.Information, $"joining {string.Join(',', coordinators)}");
        var options = new WorkerOptions
        {
            Coordinators = [.. coordinators.Select(place => new DnsEndPoint(place.Host, place.Port))],
            Lanes = settings.Text(OptionTable.Lanes) is null ? Processors.Usable : (int)settings.Get(OptionTable.Lanes),
            // Of one that was launched the launcher says all there is, whatever the environment does.
            Secret = launched ? SecretOf(order!) : settings.Find(OptionTable.SecretFile) is { } file ? ClusterSecret.Read(file) : null,
            Tls = !launched && settings.Find(OptionTable.TlsFolder) is { } folder ? ClusterTls.Read(folder) : null,
            Process = order?.Process ?? Environment.ProcessId,
            JoinTimeout = TimeSpan.FromSeconds(settings.Get(OptionTable.WorkerTimeout)),
        };
        WorkerResult result = await WorkerHost.RunAsync(options, loggers, signals.Stop, new Notices(messages), node, status);
        bool isDone = result.Outcome == WorkerOutcome.Completed;
        if (result.Message is not null)
            messages.Say(isDone ? LogLevel.Information : LogLevel.Error, result.Message);
        return isDone ? ExitCode.Done : ExitCode.ClusterLost;
    }

    private static Readiness ReadinessOf(WorkerStatus status) => status.Run is { } run
        ? new Readiness(true, $"joined run {run.RunId}, term {run.Term}, as {status.Name}, step {Format.Count(status.Step)}")
        : new Readiness(false, "not joined");

    private sealed class Notices(Messages messages) : IProgress<string>
    {
        public void Report(string value) => messages.Say(LogLevel.Warning, value);
    }

    private static ClusterSecret? SecretOf(LaunchOrder order) =>
        order.Secret is { } secret ? ClusterSecret.Parse(Encoding.ASCII.GetBytes(secret), "of the launcher") : null;

    private static async Task<LaunchOrder?> ReadOrderAsync(TextReader input)
    {
        string? line = await input.ReadLineAsync();
        if (string.IsNullOrWhiteSpace(line))
            return null;

        // A thread of its own, because the pool may be busy, and nobody waits for a launcher that is gone.
        new Thread(() =>
        {
            while (input.Read() >= 0)
            {
            }

            Environment.Exit(ExitCode.Done);
        })
        { IsBackground = true, Name = "launcher watch" }.Start();
        try
        {
            return LaunchOrder.Parse(line);
        }
        catch (FormatException e)
        {
            throw new UserErrorException(e.Message, e);
        }
    }
}
