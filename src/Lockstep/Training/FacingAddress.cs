using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Training;

/// <summary>The address of this machine by which others reach it.</summary>
internal static class FacingAddress
{
    /// <summary>The one that faces the hosts: of those that lead out of this machine the first, else a loopback one.</summary>
    /// <param name="ssh">How ssh is called; it knows under which name it connects to a host.</param>
    /// <param name="hosts">The hosts. One that is not known is none to go by.</param>
    /// <exception cref="RequestException">None of the hosts is known.</exception>
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
            $"Which address of this machine faces the hosts cannot be found out ({problem}). Give the one by which they reach it, with --listen ADDRESS:0.");
    }

    private static IPAddress Facing(string name)
    {
        IPAddress[] addresses = Dns.GetHostAddresses(name);
        IPAddress address = addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(address, 22); // Sends nothing: it only chooses the route.
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }

    /// <summary>A host may be an alias of ssh's configuration.</summary>
    private static string NameOf(string ssh, string host)
    {
        const string key = "hostname ";
        using Process process = ChildProcess.Start(SshLaunch.Command(ssh, "-G", host));
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string? line = process.StandardOutput.ReadToEnd().Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        process.WaitForExit();
        return line is null ? host[(host.IndexOf('@', StringComparison.Ordinal) + 1)..] : line[key.Length..].Trim();
    }
}
