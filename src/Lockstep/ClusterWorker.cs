using System.Globalization;
using System.Net;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;
using Lockstep.Worker.Hosting;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep;

/// <summary>Makes this process a worker of a cluster, as <c>lockstep worker --join</c> does.</summary>
public static class ClusterWorker
{
    /// <summary>Joins a coordinator, gets run and data from it, and computes until the run is over.</summary>
    /// <param name="address">HOST:PORT that the coordinator listens on; an IPv6 address in brackets.</param>
    /// <param name="lanes">Compute threads; 0 takes one for each processor.</param>
    /// <param name="secretFile">File of the coordinator's secret; it or TLS is needed where its address is not a loopback one. Null for none.</param>
    /// <param name="tlsDirectory">Folder of this process's certificate, from <c>lockstep certs issue</c>; null for no TLS.</param>
    /// <param name="loggers">Where logs go; null for nowhere.</param>
    /// <param name="cancellationToken">Leave: the coordinator gives this worker's shards to others, and the task completes.</param>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not HOST:PORT.</exception>
    /// <exception cref="SecretException">The file is none of a secret, or one is needed and none is given.</exception>
    /// <exception cref="CertificateException">The folder has no certificate and key that can be used.</exception>
    /// <exception cref="TrainingException">The coordinator was not reached within 60 s, refused this worker, or was lost.</exception>
    public static Task RunAsync(
        string address, int lanes = 0, string? secretFile = null, string? tlsDirectory = null, ILoggerFactory? loggers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentOutOfRangeException.ThrowIfNegative(lanes);
        int colon = address.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65_535)
            throw new ArgumentException($"'{address}' is no address to join; expected HOST:PORT with a port from 1 to 65535.", nameof(address));
        var options = new WorkerOptions
        {
            Coordinators = [new DnsEndPoint(address[..colon].Trim('[', ']'), port)],
            Lanes = lanes > 0 ? lanes : Environment.ProcessorCount,
            Secret = secretFile is null ? null : ClusterSecret.Read(secretFile),
            Tls = tlsDirectory is null ? null : ClusterTls.Read(tlsDirectory),
        };
        return WorkAsync(options, loggers ?? NullLoggerFactory.Instance, cancellationToken);
    }

    private static async Task WorkAsync(WorkerOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        WorkerResult result = await WorkerHost.RunAsync(options, loggers, cancellationToken).ConfigureAwait(false);
        if (result.Outcome != WorkerOutcome.Completed)
            throw new TrainingException(result.Message ?? "The worker ended before the run.");
    }
}
