using System.Net;
using System.Text;
using Akka.Actor;
using Lockstep.Coordinator.Launching;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;
using Lockstep.Wording;
using Lockstep.Worker.Hosting;
using Lockstep.Worker.Sessions;

namespace Lockstep.Training;

/// <summary>Makes this process a worker of a cluster, as <c>lockstep worker --join</c> does.</summary>
public static class ClusterWorker
{
    private const string ByStandardInput = "stdin", BySsh = "ssh";

    /// <summary>Joins a coordinator, gets run and data from it, and computes until the run is over.</summary>
    /// <param name="addresses">HOST:PORT that the coordinator listens on, or those of all coordinators of the run, separated by commas; an IPv6 address in brackets.</param>
    /// <param name="options">How; null takes the defaults.</param>
    /// <param name="cancellationToken">Leave: the coordinator gives this worker's shards to others, and the task completes.</param>
    /// <returns>What there is to say of the end, if anything.</returns>
    /// <exception cref="RequestException"><paramref name="addresses"/> are not HOST:PORT.</exception>
    /// <exception cref="SecretException">The file is none of a secret, or one is needed and none is given.</exception>
    /// <exception cref="CertificateException">The folder has no certificate and key that can be used.</exception>
    /// <exception cref="TrainingException">The coordinator was not reached in time, refused this worker, or was lost.</exception>
    public static Task<string?> RunAsync(string addresses, ClusterWorkerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(addresses);
        options ??= new ClusterWorkerOptions();
        return WorkAsync(
            new WorkerOptions
            {
                Coordinators = [.. addresses.Split(',', StringSplitOptions.TrimEntries).Select(HostPort.ParseToJoin)],
                Lanes = LanesOf(options),
                Secret = options.SecretFile is { } file ? ClusterSecret.Read(file) : null,
                Tls = options.TlsDirectory is { } folder ? ClusterTls.Read(folder) : null,
                JoinTimeout = options.JoinTimeout,
            },
            options, node: null, cancellationToken);
    }

    /// <summary>
    /// What a program calls first that trains with <see cref="ClusterOptions.Processes"/>: the workers are copies of the program, and this is where they work.
    /// It ends with the process that started it.
    /// </summary>
    /// <param name="args">The command line of the process.</param>
    /// <param name="options">Logs, notices and status; the rest comes from who started the process.</param>
    /// <param name="cancellationToken">Leave.</param>
    /// <returns>Whether the process was started as a worker, and has worked: it is to end now.</returns>
    /// <exception cref="TrainingException">The coordinator was not reached, refused this worker, or was lost.</exception>
    public static async Task<bool> RunIfStartedAsync(IReadOnlyList<string> args, ClusterWorkerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is not ["worker", "--join", ByStandardInput or BySsh, ..])
            return false;
        int lanes = args is [_, _, _, "--lanes", var count] && int.TryParse(count, out int given) ? given : 0;
        _ = await RunStartedAsync(Console.In, args[2] == BySsh, (options ?? new ClusterWorkerOptions()) with { Lanes = lanes }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Works for the launcher at the other end of standard input.</summary>
    internal static async Task<string?> RunStartedAsync(TextReader input, bool isRemote, ClusterWorkerOptions options, CancellationToken cancellationToken)
    {
        // While the launcher gets ready itself. Where it is on another machine, which address faces it is known with its own.
        Task<ActorSystem>? starting = isRemote ? null : Task.Run(() => WorkerHost.StartNode(IPAddress.Loopback, options.Loggers), CancellationToken.None);
        string? line = await input.ReadLineAsync(CancellationToken.None).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(line))
            return null;
        EndWith(input);
        LaunchOrder order;
        try
        {
            order = LaunchOrder.Parse(line);
        }
        catch (FormatException e)
        {
            throw new RequestException(e.Message, e);
        }

        // Of one that was started the launcher says all there is, whatever the environment does.
        return await WorkAsync(
            new WorkerOptions
            {
                Coordinators = [.. order.Address.Split(',').Select(HostPort.ParseToJoin)],
                Lanes = LanesOf(options),
                Secret = order.Secret is { } secret ? ClusterSecret.Parse(Encoding.ASCII.GetBytes(secret), "of the launcher") : null,
                Process = order.Process ?? Environment.ProcessId,
                JoinTimeout = options.JoinTimeout,
            },
            options, starting is null ? null : await starting.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private static int LanesOf(ClusterWorkerOptions options) => options.Lanes > 0 ? options.Lanes : Processors.Usable;

    private static async Task<string?> WorkAsync(WorkerOptions worker, ClusterWorkerOptions options, ActorSystem? node, CancellationToken cancellationToken)
    {
        WorkerResult result = await WorkerHost.RunAsync(worker, options.Loggers, cancellationToken, new Notices(options), node, options.Status).ConfigureAwait(false);
        return result.Outcome == WorkerOutcome.Completed ? result.Message : throw new TrainingException(result.Message ?? "The worker ended before the run.");
    }

    // A thread of its own, because the pool may be busy, and nobody waits for a launcher that is gone.
    private static void EndWith(TextReader input) => new Thread(() =>
    {
        while (input.Read() >= 0)
        {
        }

        Environment.Exit(0);
    })
    { IsBackground = true, Name = "launcher watch" }.Start();

    private sealed class Notices(ClusterWorkerOptions options) : IProgress<string>
    {
        public void Report(string value) => options.OnNotice?.Invoke(value);
    }
}
