using Lockstep.Cli.Hosting;
using Lockstep.Cli.Options;
using Lockstep.Shared.Secrets;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>coordinator</c>: the coordinator alone; workers join by themselves.</summary>
internal sealed class CoordinatorCommand() : TrainingCommand("coordinator", "Coordinate a training that workers join from any machine",
    [
        NetworkOptions.Listen, NetworkOptions.Advertise, NetworkOptions.SecretFile, NetworkOptions.TlsFolder, NetworkOptions.MinWorkers,
        NetworkOptions.Peers,
    ])
{
    public override string Details =>
        "Takes the options of train, but starts no workers: it prints an address and waits for 'lockstep worker --join'. "
        + "It can be reached from this machine only, unless --listen names another address of it. "
        + $"Then it and its workers need the same secret, in a file that others cannot read: {ClusterSecret.HowToMakeOne}; "
        + "or certificates of one CA, by which they also encrypt everything: see 'lockstep certs'; or both.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep coordinator --listen 192.168.1.10:4053 --secret-file lockstep.secret --min-workers 2",
            "on the first machine, by its own address"),
        ("lockstep worker --join 192.168.1.10:4053 --secret-file lockstep.secret", "on every other"),
        ("lockstep coordinator --listen 192.168.1.10:4053 --tls-dir coordinator", "with TLS"),
    ];

    public override ClusterOptions ClusterOf(Settings settings, ClusterOptions common) => common;

    public override ResourceNeeds NeedsOf(Settings settings) => new() { Workers = settings.FindValue(NetworkOptions.MinWorkers) ?? 1 };

    protected override string AddressesOf(Settings settings) =>
        $" --listen {settings.Find(NetworkOptions.Listen)?.ToString() ?? "127.0.0.1:0"}"
        + Again(settings, NetworkOptions.Advertise, NetworkOptions.Peers);
}
