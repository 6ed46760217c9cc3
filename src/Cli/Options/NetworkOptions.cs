using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Cli.Options;

/// <summary>How coordinators and workers find, trust and use each other.</summary>
internal static class NetworkOptions
{
    public static readonly CliOption<int> Workers = new("--workers", ValueKind.Integer(1, 256))
    {
        Placeholder = "N", Default = "2", IsCommon = true,
        Elsewhere = ["--nproc", "--nproc-per-node", "--num-workers", "--processes", "--world-size", "-j"],
        Help = "Worker processes to start on this machine. The trained weights do not depend on it.",
    };

    public static readonly CliOption<SshHosts> Hosts = new("--hosts", Kinds.Hosts)
    {
        Placeholder = "[USER@]HOST,...", IsCommon = true, Elsewhere = ["--nodes", "--machines"],
        Help = "Where to start workers, one on each. Required.",
    };

    public static readonly CliOption<string> RemoteProgram = new("--remote-program", ValueKind.Path)
    {
        Placeholder = "PATH", IsPerInvocation = true, NamesProgram = true,
        DefaultNote = "this program, copied to a temporary folder there",
        Help = "The program on the hosts, of the same version, where it is installed already.",
    };

    public static readonly CliOption<string> Ssh = new("--ssh", ValueKind.Path)
    {
        Placeholder = "COMMAND", Default = "ssh", IsPerInvocation = true, NamesProgram = true,
        Help = "How ssh is called, such as 'ssh -p 2222 -i key'. It must not ask for anything.",
    };

    public static readonly CliOption<int> Lanes = new("--lanes", ValueKind.Integer(1, 256))
    {
        Placeholder = "N", Elsewhere = ["--threads", "--num-threads", "--nthreads", "--cpus"],
        DefaultNote = "the processors that the process may use, divided among the workers of this machine",
        Help = "Compute threads of each worker. The trained weights do not depend on it.",
    };

    public static readonly CliOption<HostPort> Listen = new("--listen", ValueKind.Endpoint)
    {
        Placeholder = "HOST:PORT", IsCommon = true, Elsewhere = ["--bind", "--host", "--address", "--port"],
        DefaultNote = "a free port, of 127.0.0.1; of launch, of the address that faces the hosts",
        Help = "Where workers join. The next port is taken too, for weights and gradients: open both. "
            + "Port 0 takes free ones and prints the first.",
    };

    public static readonly CliOption<HostPort> Advertise = new("--advertise", ValueKind.PublicEndpoint)
    {
        Placeholder = "HOST:PORT", DefaultNote = "that of --listen", Elsewhere = ["--public-address"],
        Help = "Where workers reach --listen from outside: through a NAT, a proxy, a container's network. "
            + "The port after it must lead to the one after --listen.",
    };

    public static readonly CliOption<string> SecretFile = new("--secret-file", ValueKind.Path)
    {
        Placeholder = "FILE", PlainVariable = "LOCKSTEP_SECRET_FILE", IsCommon = true, Elsewhere = ["--secret", "--password", "--token"],
        Help = "The secret by which coordinator and workers know each other: 16 bytes or more that nobody can guess. "
            + "This or --tls-dir is needed outside of 127.0.0.1.",
    };

    public static readonly CliOption<string> TlsFolder = new("--tls-dir", ValueKind.Path)
    {
        Placeholder = "DIR", PlainVariable = "LOCKSTEP_TLS_DIR", Elsewhere = ["--tls", "--certs", "--cert", "--cert-dir", "--ssl"],
        Help = "Encrypt everything (TLS 1.3), --http too, and admit only nodes with a certificate of the same CA: folder with ca.crt, "
            + "node.crt and node.key, from 'lockstep certs issue'.",
    };

    public static readonly CliOption<string> Transport = new("--transport", ValueKind.Name([.. Kinds.Transports.Keys]))
    {
        Placeholder = "NAME", Default = "auto", Elsewhere = ["--backend"],
        Help = "How weights and gradients travel: auto, through shared memory to workers of this machine and user, and between "
            + "machines in slices if that is faster; stream, through the network between the coordinator and each worker; or slices: "
            + "through the network, each worker adding up one slice of the gradient for all. The weights are the same.",
    };

    public static readonly CliOption<int> MinWorkers = new("--min-workers", ValueKind.Integer(1, RunSpec.MaxShards))
    {
        Placeholder = "N", IsCommon = true, Elsewhere = ["--world-size", "--nnodes"],
        DefaultNote = "1; of launch, as many as there are hosts that start one; train begins in its own process, without any",
        Help = "Training starts when so many workers have joined. More may join later.",
    };

    public static readonly CliOption<string> Peers = new("--peers", Kinds.PeerAddresses)
    {
        Placeholder = "HOST:PORT,...", IsPerInvocation = true, Elsewhere = ["--standby", "--coordinators"],
        Help = "All coordinators of the run, this one among them, each started with the same list and options: one leads, and the others "
            + "stand by to take over. With --out, a folder that already holds the run continues it.",
    };

    public static readonly CliOption<HostPort> Http = new("--http", ValueKind.Endpoint)
    {
        Placeholder = "HOST:PORT", IsPerInvocation = true, DefaultNote = "nowhere", Elsewhere = ["--health", "--prometheus"],
        Help = "Serve /livez, /readyz and /metrics (for Prometheus) there, to everybody who reaches it, and, but for a worker, the board "
            + "of 'lockstep board'. Port 0 takes a free one and prints it.",
    };

    public static readonly CliOption<double> WorkerTimeout = new("--worker-timeout", Kinds.Seconds)
    {
        Placeholder = "SECONDS", Default = "60", Elsewhere = ["--timeout"],
        Help = "How long the coordinator waits for workers, and a worker for its coordinator, before giving up.",
    };
}
