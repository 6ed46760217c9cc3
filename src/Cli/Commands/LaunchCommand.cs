using Lockstep.Cli.Hosting;
using Lockstep.Cli.Options;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>launch</c>: coordinator in this process, workers on other machines, which it starts by ssh.</summary>
internal sealed class LaunchCommand() : TrainingCommand("launch", "Train on other machines, with workers that are started there by ssh",
    [
        NetworkOptions.Hosts, NetworkOptions.Ssh, NetworkOptions.RemoteProgram, NetworkOptions.Lanes, NetworkOptions.Listen,
        NetworkOptions.Advertise, NetworkOptions.MinWorkers,
    ])
{
    public override string Details =>
        "Takes the options of train. Coordinates the training in this process, and starts a worker on each of --hosts by ssh, which "
        + "must reach them without asking for anything. They need nothing installed: this program, as 'dotnet publish -r' makes it, is "
        + "copied into a temporary folder there, which is removed when the worker ends, whatever ends it. All of them prove to each "
        + "other a secret that is made for this launch alone. The hosts must reach this machine too, at the address that is printed.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep launch --hosts node1,node2,node3", "MNIST on three machines; the same weights as with one"),
        ("lockstep launch --hosts anna@192.168.1.11,localhost --epochs 5", "this machine computes too"),
        ("lockstep launch --hosts node1,node2 --remote-program /opt/lockstep/lockstep", "where it is installed on both"),
        ("lockstep launch --hosts node1,node2,node3 --min-workers 2", "begin when two are ready"),
        ("lockstep launch --resume auto", "go on with the newest unfinished run, on its hosts"),
    ];

    public override ClusterOptions ClusterOf(Settings settings, ClusterOptions common) => common with
    {
        Hosts = settings.Require(NetworkOptions.Hosts).All,
        Ssh = settings.Get(NetworkOptions.Ssh),
        RemoteProgram = settings.Find(NetworkOptions.RemoteProgram),
    };

    public override ResourceNeeds NeedsOf(Settings settings) =>
        new() { Workers = settings.Find(NetworkOptions.Hosts)?.All.Count ?? 1, Lanes = settings.FindValue(NetworkOptions.Lanes) };

    protected override string ProgramsOf(Settings settings) => Again(settings, NetworkOptions.Ssh, NetworkOptions.RemoteProgram);
}
