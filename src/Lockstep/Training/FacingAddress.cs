using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Training;

/// <summary>The address by which other machines reach this one.</summary>
internal static class FacingAddress
{
    /// <summary>The local address of the route to the hosts: the first that is not a loopback address, else a loopback one.</summary>
    /// <param name="ssh">The ssh command, which knows the real name of a host.</param>
    /// <param name="hosts">The hosts. Ignores unknown ones.</param>
    /// <exception cref="RequestException">All hosts are unknown.</exception>
    public static IPAddress Of(string ssh, IReadOnlyList<string> hosts)
    {
        IPAddress? loopback = null;
        string? problem = null;
        foreach (string host in hosts)
        {
            try
            {
                IPAddress address = Facing(NameOf(ssh, host));
                if (!IPAddress.IsLoopback(address))
                    return address;
                loopback ??= address;
            }
            catch (SocketException e)
            {
                problem ??= $"'{host}': {e.Message.TrimEnd('.')}";
            }
        }

        return loopback ?? throw new RequestException(
            $"No host is known here by its name ({problem}): is it spelled right? Where only ssh knows the hosts, say with --listen "
                + "ADDRESS:0 by which address they reach this machine.");
    }

    private static IPAddress Facing(string name)
    {
        SocketException? problem = null;
        foreach (IPAddress address in Dns.GetHostAddresses(name).OrderByDescending(IsVersion4))
        {
            try
            {
                using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                probe.Connect(address, 22); // Sends nothing; only chooses the route.
                return ((IPEndPoint)probe.LocalEndPoint!).Address;
            }
            catch (SocketException e)
            {
                problem ??= e;
            }
        }

        throw problem ?? new SocketException((int)SocketError.HostNotFound);

        static bool IsVersion4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;
    }

    /// <summary>Resolves an alias of ssh's configuration.</summary>
    private static string NameOf(string ssh, string host)
    {
        const string key = "hostname ";
        using Process process = ChildProcess.Start(SshLaunch.Command(ssh, "-G", host));
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string? line = process.StandardOutput.ReadToEnd().Split('\n')
            .FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        process.WaitForExit();
        return line is null ? host[(host.IndexOf('@', StringComparison.Ordinal) + 1)..] : line[key.Length..].Trim();
    }
}
