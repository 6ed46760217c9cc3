using System.Net;
using Lockstep.Coordinator.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep;

/// <summary>Who computes a training on a cluster. Nothing in here influences a weight.</summary>
public sealed record ClusterOptions
{
    /// <summary>
    /// Address and port on which workers join; port 0 takes a free one. Default 127.0.0.1:0. The tensor stream takes the port after it.
    /// Another address than a loopback one needs <see cref="SecretFile"/> or <see cref="TlsDirectory"/>. Without the latter nothing is encrypted:
    /// then listen only on a network where nobody may see the weights or change what is on its way.
    /// </summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// File of what this process and its workers prove to each other that they know: 16 bytes or more that nobody can guess, on Unix closed
    /// to other users. Default none.
    /// </summary>
    public string? SecretFile { get; init; }

    /// <summary>
    /// Folder of this process's certificate, from <c>lockstep certs issue</c>: everything is encrypted (TLS 1.3), and only who has a certificate of the
    /// same CA can join. It must be for the address by which workers join. Default none.
    /// </summary>
    public string? TlsDirectory { get; init; }

    /// <summary>
    /// Workers to run inside this process, on threads of their own. Default 0: all workers join from elsewhere, by
    /// <c>lockstep worker --join HOST:PORT</c> or <see cref="ClusterWorker.RunAsync"/>, and must be of the same version of Lockstep.
    /// </summary>
    public int LocalWorkers { get; init; }

    /// <summary>Compute threads of each of the <see cref="LocalWorkers"/>; 0, the default, divides the processors among them.</summary>
    public int LanesPerWorker { get; init; }

    /// <summary>Training starts when so many workers are ready, the local ones included; at least 1, the default. More may join later.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>How long to wait, without any ready worker, before the training fails. Default 60 s.</summary>
    public TimeSpan WorkerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Told of everything that happens in the cluster, first of <see cref="RunEvent.Listening"/> with the address to join; like a callback
    /// (see <see cref="TrainingCallbacks"/>).
    /// </summary>
    public Action<RunEvent>? OnEvent { get; init; }

    /// <summary>Where logs of the cluster go. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
