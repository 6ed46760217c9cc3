using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Training;

/// <summary>How a process takes part in a cluster as a worker.</summary>
public sealed record ClusterWorkerOptions
{
    /// <summary>Compute threads; 0, the default, takes one for each processor that this process may use.</summary>
    public int Lanes { get; init; }

    /// <summary>File of the coordinator's secret; it or TLS is needed unless the address is a loopback one. Default none.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Folder of this process's certificate, from <c>lockstep certs issue</c>. Default none.</summary>
    public string? TlsDirectory { get; init; }

    /// <summary>How long to try to reach the coordinator, at first and after it is lost. Default 60 s.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Receives a sentence when the coordinator is lost, or its name cannot be resolved.</summary>
    public Action<string>? OnNotice { get; init; }

    /// <summary>Kept up to date, for a program that shows the worker's state.</summary>
    public WorkerStatus Status { get; init; } = new();

    /// <summary>Where logs go. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
