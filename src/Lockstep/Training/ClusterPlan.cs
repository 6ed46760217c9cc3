using System.Net;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Peers;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Training;

/// <summary>The cluster that options ask for: addresses, secrets, and the workers to start.</summary>
/// <param name="Listen">Address of the cluster; port 0 takes a free one.</param>
/// <param name="Launches">Worker processes to start; empty if workers join from elsewhere.</param>
/// <param name="MinWorkers">Training starts when this many are ready; 0 for all that are started.</param>
/// <param name="Secret">The secret that workers must prove to know.</param>
/// <param name="Tls">This side's certificate, and the CA that it trusts.</param>
internal sealed record ClusterPlan(
    IPEndPoint Listen, IReadOnlyList<WorkerLaunch> Launches, int MinWorkers, ClusterSecret? Secret, ClusterTls? Tls)
{
    /// <summary>Workers that are started here or by ssh.</summary>
    public int Started => Launches.Count;

    /// <summary>Makes the plan.</summary>
    /// <exception cref="RequestException">
    /// The options contradict each other, or this machine cannot do it; the message has every mistake.
    /// </exception>
    /// <exception cref="SecretException">The secret's file cannot be used, or a secret or TLS is needed and none is given.</exception>
    /// <exception cref="CertificateException">The folder of the certificate cannot be used.</exception>
    public static ClusterPlan Of(ClusterOptions options)
    {
        (ClusterSecret? secret, ClusterTls? tls) = Check(options);
        if (options.Hosts.Count > 0)
            return OfHosts(options);
        int lanes = LanesOf(options, options.Processes + options.LocalWorkers);
        return new ClusterPlan(
            options.Listen ?? new IPEndPoint(IPAddress.Loopback, 0),
            [.. Enumerable.Range(0, options.Processes).Select(_ => WorkerLaunch.Local(lanes))],
            options.MinWorkers ?? (options.LocalWorkers > 0 ? options.Processes + options.LocalWorkers : options.Processes > 0 ? 0 : 1),
            secret, tls);
    }

    /// <summary>Compute threads of each of the workers of this machine.</summary>
    public static int LanesOf(RunOptions options, int workers) =>
        options.Lanes > 0 ? options.Lanes : Math.Max(1, Processors.Usable / Math.Max(1, workers));

    private static ClusterPlan OfHosts(ClusterOptions options)
    {
        // For this launch only. Base64 needs no quoting in a shell or a line.
        string secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Task<CarriedProgram>? program = options.RemoteProgram is null ? Task.Run(CarriedProgram.Pack) : null;
        int? lanes = options.Lanes > 0 ? options.Lanes : null;
        return new ClusterPlan(
            options.Listen ?? new IPEndPoint(FacingAddress.Of(options.Ssh, options.Hosts), 0),
            [.. options.Hosts.Select(host => SshLaunch.To(options.Ssh, host, lanes, program, options.RemoteProgram, secret))],
            options.MinWorkers ?? 0, ClusterSecret.Parse(Encoding.ASCII.GetBytes(secret), "of this launch"), Tls: null);
    }

    /// <summary>Finds every mistake in the options, and reads the files that they name.</summary>
    public static (ClusterSecret? Secret, ClusterTls? Tls) Check(ClusterOptions options)
    {
        var problems = new List<string>();
        Require(options.Processes >= 0, $"{nameof(options.Processes)} is {options.Processes}; expected 0 or more.");
        Require(options.LocalWorkers >= 0, $"{nameof(options.LocalWorkers)} is {options.LocalWorkers}; expected 0 or more.");
        Require(options.MinWorkers is null or >= 1, $"{nameof(options.MinWorkers)} is {options.MinWorkers}; expected at least 1.");
        Require(options.WorkerTimeout > TimeSpan.Zero, $"{nameof(options.WorkerTimeout)} is {options.WorkerTimeout}; "
            + "expected more than 0.");
        Require(options.Hosts.Count == 0 || options.Processes + options.LocalWorkers == 0,
            $"{nameof(options.Hosts)} are given, and {nameof(options.Processes)} or {nameof(options.LocalWorkers)} too; "
            + "expected workers here or there.");
        if (options.Advertise is { } advertise)
        {
            Require(!IsEveryAddress(advertise.Address), $"{nameof(options.Advertise)} {advertise} stands for every address of a machine, "
                + "but workers must be told one. "
                + "Give the address by which they reach this machine.");
            Require(options.Listen?.Port is > 0 and < IPEndPoint.MaxPort,
                $"{nameof(options.Advertise)} {advertise} leads to ports that are known beforehand, "
                + $"but {nameof(options.Listen)} {options.Listen ?? new IPEndPoint(IPAddress.Loopback, 0)} takes a free one. "
                + $"Give {nameof(options.Listen)} a port from 1 to 65534.");
        }
        else if (options.Listen is { } listen)
        {
            Require(!IsEveryAddress(listen.Address), $"{nameof(options.Listen)} {listen} stands for every address of this machine, "
                + "but workers must be told one. "
                + $"Give the address by which they reach this machine, or say it with {nameof(options.Advertise)}.");
        }

        CheckPeers(options, Require);
        CheckHosts(options, Require);
        if (problems.Count > 0)
            throw new RequestException(problems);
        ClusterSecret? secret = options.SecretFile is { } file ? ClusterSecret.Read(file) : null;
        ClusterTls? tls = options.TlsDirectory is { } folder ? ClusterTls.Read(folder) : null;
        if (options.Hosts.Count == 0)
            ClusterSecret.Require(secret, tls, options.Listen ?? new IPEndPoint(IPAddress.Loopback, 0), options.Advertise);
        return (secret, tls);

        void Require(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }
    }

    private static void CheckPeers(ClusterOptions options, Action<bool, string> require)
    {
        if (options.Peers.Count == 0)
            return;
        string peers = string.Join(',', options.Peers.Select(peer => $"{peer.Host}:{peer.Port}"));
        IPEndPoint own = options.Advertise ?? options.Listen ?? new IPEndPoint(IPAddress.Loopback, 0);
        require(own.Port != 0, $"{nameof(options.Peers)} {peers} leads to ports that are known beforehand, "
            + "but this coordinator takes a free one. "
            + $"Give its own address from that list with {nameof(options.Listen)}.");
        require(own.Port == 0 || options.Peers.Any(peer => PeerAddress.IsAt(peer, own)),
            $"{nameof(options.Peers)} {peers} names all coordinators of the run, and this one, {own}, is not among them. "
            + $"Add it, or give its address from that list with {nameof(options.Listen)} or {nameof(options.Advertise)}.");
    }

    private static void CheckHosts(ClusterOptions options, Action<bool, string> require)
    {
        if (options.Hosts.Count == 0)
            return;
        require(!OperatingSystem.IsWindows(), "Workers on other machines need a Unix shell, here and there. "
            + "On Windows, start 'lockstep coordinator' here and 'lockstep worker' there.");
        require(options.MinWorkers is null || options.MinWorkers <= options.Hosts.Count,
            $"{nameof(options.MinWorkers)} {options.MinWorkers}, but {nameof(options.Hosts)} names {options.Hosts.Count}, "
            + "and only workers of these can join. Name more, or wait for fewer.");
        if (options.RemoteProgram is null && !OperatingSystem.IsWindows() && CarriedProgram.Objection() is { } objection)
        {
            require(false, $"This program is copied to the hosts, but {objection}. Publish one that brings it along, "
                + "'dotnet publish src/Cli -c Release -r linux-x64 -o lockstep', and start lockstep/lockstep launch; "
                + $"or install that on the hosts and name it with {nameof(options.RemoteProgram)}.");
        }
    }

    private static bool IsEveryAddress(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
