using System.Net;
using System.Net.Sockets;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>coordinator</c>: the coordinator alone; workers join by themselves.</summary>
internal static class CoordinatorCommand
{
    public static Task<int> RunAsync(Invocation invocation) => new TrainingSession(invocation, Plan).RunAsync();

    private static ClusterPlan Plan(Settings settings) =>
        new(Resolve(settings.Get(OptionTable.Listen)), LocalWorkers: 0, Lanes: 0, (int)settings.Get(OptionTable.MinWorkers));

    private static IPEndPoint Resolve(HostPort listen)
    {
        if (IPAddress.TryParse(listen.Host, out IPAddress? literal) && (literal.Equals(IPAddress.Any) || literal.Equals(IPAddress.IPv6Any)))
        {
            throw new UserErrorException($"--listen {listen} stands for every address of this machine, but workers must be told one. "
                + "Give the address by which they reach this machine.");
        }

        IPAddress[] addresses;
        try
        {
            addresses = Dns.GetHostAddresses(listen.Host);
        }
        catch (SocketException e)
        {
            throw new UserErrorException($"--listen {listen}: '{listen.Host}' is not the name or address of this machine ({e.Message}).", e);
        }

        IPAddress address = addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        return new IPEndPoint(address, listen.Port);
    }
}
