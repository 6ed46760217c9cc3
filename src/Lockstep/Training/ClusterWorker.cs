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

    /// <summary>Joins a coordinator, receives run and data from it, and computes until the run is over.</summary>
    /// <param name="addresses">
    /// HOST:PORT of the coordinator, or of all coordinators of the run, separated by commas; IPv6 addresses in brackets.
    /// </param>
    /// <param name="options">How; null takes the defaults.</param>
    /// <param name="cancellationToken">Leaves: the coordinator gives this worker's shards to others, and the task completes.</param>
    /// <returns>A notice about the end of the run; null for none.</returns>
    /// <exception cref="RequestException"><paramref name="addresses"/> are not HOST:PORT.</exception>
    /// <exception cref="SecretException">The secret's file cannot be used, or a secret is needed and none is given.</exception>
    /// <exception cref="CertificateException">The folder has no usable certificate and key.</exception>
    /// <exception cref="TrainingException">The coordinator was not reached in time, refused this worker, or was lost.</exception>
    public static Task<string?> RunAsync(
        string addresses, ClusterWorkerOptions? options = null, CancellationToken cancellationToken = default)
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
    /// Call this first in a program that trains with <see cref="ClusterOptions.Processes"/>: the workers are copies of the program, and
    /// compute in this call. A worker ends with the process that started it.
    /// </summary>
    /// <param name="args">The command line of the process.</param>
    /// <param name="options">Logs, notices and status; the rest comes from the process that started this one.</param>
    /// <param name="cancellationToken">Leaves the run.</param>
    /// <returns>Whether the process was started as a worker and is done: it must end now.</returns>
    /// <exception cref="TrainingException">The coordinator was not reached, refused this worker, or was lost.</exception>
    public static async Task<bool> RunIfStartedAsync(
        IReadOnlyList<string> args, ClusterWorkerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is not ["worker", "--join", ByStandardInput or BySsh, ..])
            return false;
        int lanes = args is [_, _, _, "--lanes", var count] && int.TryParse(count, out int given) ? given : 0;
        options = (options ?? new ClusterWorkerOptions()) with { Lanes = lanes };
        _ = await RunStartedAsync(Console.In, args[2] == BySsh, options, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Works for the launcher at the other end of standard input.</summary>
    internal static async Task<string?> RunStartedAsync(
        TextReader input, bool isRemote, ClusterWorkerOptions options, CancellationToken cancellationToken)
    {
        // Runs while the launcher gets ready. For a launcher on another machine, the address that faces it is only known with its own.
        Task<ActorSystem>? starting = isRemote
            ? null
            : Task.Run(() => WorkerHost.StartNode(IPAddress.Loopback, options.Loggers), CancellationToken.None);
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

        // The launcher gives all settings of a worker that it starts; the environment does not count.
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

    private static async Task<string?> WorkAsync(
        WorkerOptions worker, ClusterWorkerOptions options, ActorSystem? node, CancellationToken cancellationToken)
    {
        WorkerResult result = await WorkerHost
            .RunAsync(worker, options.Loggers, cancellationToken, new Notices(options), node, options.Status)
            .ConfigureAwait(false);
        return result.Outcome == WorkerOutcome.Completed
            ? result.Message
            : throw new TrainingException(result.Message ?? "The worker ended before the run.");
    }

    // A thread of its own, because the pool may be busy when the launcher is gone.
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
