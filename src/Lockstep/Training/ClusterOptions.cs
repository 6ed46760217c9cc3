using System.Net;
using Lockstep.Coordinator.Runs;

namespace Lockstep.Training;

/// <summary>How to train on a cluster that this process coordinates. No option influences the weights.</summary>
public sealed record ClusterOptions : RunOptions
{
    /// <summary>
    /// Worker processes to start on this machine. They are copies of this program, which must call
    /// <see cref="ClusterWorker.RunIfStartedAsync"/> before anything else. Default 0.
    /// </summary>
    public int Processes { get; init; }

    /// <summary>
    /// Workers to run in this process, on threads of their own. Default 0: workers join from elsewhere, by <c>lockstep worker --join
    /// HOST:PORT</c> or <see cref="ClusterWorker.RunAsync"/>, with the same version of Lockstep.
    /// </summary>
    public int LocalWorkers { get; init; }

    /// <summary>
    /// Machines to start a worker on by ssh, as ssh knows them: [USER@]HOST. Default none. Needs a Unix shell on both sides.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The ssh command for <see cref="Hosts"/>, as a shell reads it. It must not prompt.</summary>
    public string Ssh { get; init; } = "ssh";

    /// <summary>Path of the program, of the same version, on the <see cref="Hosts"/>. Null, the default, copies this one, which must be
    /// published for one platform.</summary>
    public string? RemoteProgram { get; init; }

    /// <summary>
    /// Address and port on which workers join; port 0 takes a free one. Null, the default, is 127.0.0.1:0, or with <see cref="Hosts"/> the
    /// address that they can reach. The tensor stream takes the port after it. An address other than a loopback one needs
    /// <see cref="SecretFile"/> or <see cref="TlsDirectory"/>. Without the latter nothing is encrypted: listen only on a network that you
    /// trust.
    /// </summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>
    /// Address and port at which workers reach <see cref="Listen"/> from outside: through a NAT, a proxy, a container's network. The port
    /// after it must lead to the one after <see cref="Listen"/>, which must have a port. Null, the default, is <see cref="Listen"/> itself.
    /// </summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>
    /// All coordinators of the run, this one included, each started with the same list and the same run: one leads, the others stand by.
    /// Default only this one.
    /// </summary>
    public IReadOnlyList<DnsEndPoint> Peers { get; init; } = [];

    /// <summary>
    /// File of the secret that this process and its workers prove to know: at least 16 bytes that nobody can guess, on Unix not readable by
    /// other users. Default none.
    /// </summary>
    public string? SecretFile { get; init; }

    /// <summary>
    /// Folder of this process's certificate, from <c>lockstep certs issue</c>: everything is encrypted (TLS 1.3), and only processes with a
    /// certificate of the same CA can join. It must be for the address by which workers join. Default none.
    /// </summary>
    public string? TlsDirectory { get; init; }

    /// <summary>How weights and gradients travel. Default <see cref="Transport.Automatic"/>.</summary>
    public Transport Transport { get; init; }

    /// <summary>
    /// Training starts when this many workers are ready, the started ones included. More may join later. Null, the default, is all that are
    /// started, except those that end before; 1 if none is started.
    /// </summary>
    public int? MinWorkers { get; init; }

    /// <summary>How long to wait, without any ready worker, before the training fails. Default 60 s.</summary>
    public TimeSpan WorkerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Finds what is wrong with the options, without starting anything.</summary>
    /// <exception cref="RequestException">
    /// They contradict each other, or this machine cannot do it; the messages have every mistake.
    /// </exception>
    /// <exception cref="Shared.Secrets.SecretException">
    /// The secret's file cannot be used, or a secret or TLS is needed and none is given.
    /// </exception>
    /// <exception cref="Shared.Tls.CertificateException">The folder of the certificate cannot be used.</exception>
    public void ThrowIfInvalid() => ClusterPlan.Check(this);
}
