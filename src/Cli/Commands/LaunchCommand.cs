using System.Net;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Launching;
using Lockstep.Shared.Secrets;

namespace Lockstep.Cli.Commands;

/// <summary><c>launch</c>: coordinator in this process, workers on other machines, which it starts by ssh.</summary>
internal static class LaunchCommand
{
    public static Task<int> RunAsync(Invocation invocation) => new TrainingSession(invocation, Plan).RunAsync();

    private static ClusterPlan Plan(Settings settings)
    {
        if (OperatingSystem.IsWindows())
            throw new UserErrorException("lockstep launch needs a Unix shell, here and on the hosts. On Windows, start 'lockstep coordinator' here and 'lockstep worker' there.");
        IReadOnlyList<string> hosts = settings.Find(OptionTable.Hosts)?.All
            ?? throw new UserErrorException($"{OptionTable.Hosts.Name} is missing: give {OptionTable.Hosts.Legal}.");
        int minWorkers = settings.Text(OptionTable.MinWorkers) is null ? 0 : (int)settings.Get(OptionTable.MinWorkers);
        if (minWorkers > hosts.Count)
            throw new UserErrorException($"{OptionTable.MinWorkers.Name} {minWorkers}, but {OptionTable.Hosts.Name} names {hosts.Count}, and only workers of these can join. Name more, or wait for fewer.");
        string ssh = settings.Get(OptionTable.Ssh);
        string? remoteProgram = settings.Find(OptionTable.RemoteProgram);
        if (remoteProgram is null && CarriedProgram.Objection() is { } objection)
        {
            throw new UserErrorException($"lockstep launch copies this program to the hosts, but {objection}. Publish one that brings it along, "
                + "'dotnet publish src/Cli -c Release -r linux-x64 -o lockstep', and start lockstep/lockstep launch; "
                + $"or install that on the hosts and name it with {OptionTable.RemoteProgram.Name}.");
        }

        (IPEndPoint listen, IPEndPoint? advertise) = CoordinatorCommand.Addresses(
            settings, settings.Find(OptionTable.Listen) ?? new HostPort(FacingAddress.Of(ssh, hosts).ToString(), 0));

        // Of this launch alone. In base64, which no shell and no line minds.
        string secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        int? lanes = settings.Text(OptionTable.Lanes) is null ? null : (int)settings.Get(OptionTable.Lanes);
        Task<CarriedProgram>? program = remoteProgram is null ? Task.Run(CarriedProgram.Pack) : null;
        return new ClusterPlan(
            listen, [.. hosts.Select(host => SshLaunch.To(ssh, host, lanes, program, remoteProgram, secret))],
            minWorkers, advertise, ClusterSecret.Parse(Encoding.ASCII.GetBytes(secret), "of this launch"));
    }
}
