using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>
/// Four machines on a switch, as network namespaces of this one: a coordinator and three workers, each with an address, a routing table
/// and a cable of its own, and the switch, a bridge in a fifth namespace. Nothing of it is seen from outside, and all of it goes with
/// <see cref="Dispose"/>. The cables carry 100 Mbit/s, so that a step takes a while here as it does on networks.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    private const string Cable = "eth0";
    private const int MaxWorkers = 3;
    private const string FastEthernet = "100mbit";
    private static readonly Lazy<string?> Missing = new(FindMissing);
    private static int _networks;

    private readonly string _name = $"lockstep-{Environment.ProcessId}-{Interlocked.Increment(ref _networks)}";
    private readonly List<TestMachine> _machines = [];

    /// <summary>Makes the machines and plugs them in.</summary>
    public TestNetwork()
    {
        try
        {
            Ip("netns", "add", Switch);
            Ip("-n", Switch, "link", "add", "bridge", "type", "bridge");
            Ip("-n", Switch, "link", "set", "bridge", "up");
            for (int i = 0; i <= MaxWorkers; i++)
                _machines.Add(Add(new TestMachine($"{_name}-{(i == 0 ? "coordinator" : $"worker{i}")}", $"port{i}", $"10.77.0.{i + 1}")));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TestMachine Coordinator => _machines[0];

    public IReadOnlyList<TestMachine> Workers => _machines[1..];

    private string Switch => $"{_name}-switch";

    /// <summary>Skips the test, and says why, where networks cannot be made.</summary>
    public static void SkipUnlessPossible() =>
        Skip.IfNot(Missing.Value is null, $"No network namespaces to cut cables in: {Missing.Value}");

    /// <summary>The switch's end of the cable is out: both sides see that the line is dead, and keep addresses and routes.</summary>
    public void Unplug(TestMachine machine) => Ip("-n", Switch, "link", "set", machine.Port, "down");

    /// <summary>What <see cref="Unplug"/> took out is in again.</summary>
    public void PlugIn(TestMachine machine) => Ip("-n", Switch, "link", "set", machine.Port, "up");

    /// <summary>The machine's own interface is off: it has no route to anybody.</summary>
    public static void SwitchOff(TestMachine machine) => Ip("-n", machine.Namespace, "link", "set", Cable, "down");

    /// <summary>What <see cref="SwitchOff"/> turned off is on again.</summary>
    public static void SwitchOn(TestMachine machine) => Ip("-n", machine.Namespace, "link", "set", Cable, "up");

    /// <summary>Nothing reaches the machine any more, and nobody is told.</summary>
    public void Deafen(TestMachine machine) => Tc("-n", Switch, "qdisc", "replace", "dev", machine.Port, "root", "blackhole");

    /// <summary>Nothing that the machine sends arrives any more, and nobody is told.</summary>
    public static void Mute(TestMachine machine) => Tc("-n", machine.Namespace, "qdisc", "replace", "dev", Cable, "root", "blackhole");

    /// <summary>Two machines do not hear each other any more, and nobody is told.</summary>
    public static void Part(TestMachine one, TestMachine other)
    {
        Ip("-n", one.Namespace, "route", "add", "blackhole", other.Address);
        Ip("-n", other.Namespace, "route", "add", "blackhole", one.Address);
    }

    /// <summary>A sound cable of this bandwidth, both ways.</summary>
    public void Repair(TestMachine machine, string bandwidth = FastEthernet)
    {
        string[] bucket = ["root", "tbf", "rate", bandwidth, "burst", "32kb", "latency", "100ms"];
        Tc(["-n", Switch, "qdisc", "replace", "dev", machine.Port, .. bucket]);
        Tc(["-n", machine.Namespace, "qdisc", "replace", "dev", Cable, .. bucket]);
    }

    /// <summary>Bytes that came from a machine to the switch.</summary>
    public long BytesSentBy(TestMachine machine)
    {
        using JsonDocument link = JsonDocument.Parse(Must("ip", ["-n", Switch, "-statistics", "-json", "link", "show", machine.Port]));
        return link.RootElement[0].GetProperty("stats64").GetProperty("rx").GetProperty("bytes").GetInt64();
    }

    public void Dispose()
    {
        foreach (string name in _machines.Select(machine => machine.Namespace).Append(Switch))
            Run("ip", ["netns", "delete", name]);
    }

    private TestMachine Add(TestMachine machine)
    {
        Ip("netns", "add", machine.Namespace);
        try
        {
            Ip("-n", machine.Namespace, "link", "set", "lo", "up");
            Ip("link", "add", Cable, "netns", machine.Namespace, "type", "veth", "peer", "name", machine.Port, "netns", Switch);
            Ip("-n", machine.Namespace, "address", "add", $"{machine.Address}/24", "dev", Cable);
            Ip("-n", machine.Namespace, "link", "set", Cable, "up");
            Ip("-n", Switch, "link", "set", machine.Port, "up", "master", "bridge");
            Repair(machine);
            return machine;
        }
        catch
        {
            Run("ip", ["netns", "delete", machine.Namespace]);
            throw;
        }
    }

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux())
            return "this is not Linux.";
        if (!Environment.IsPrivilegedProcess)
            return "making them needs root.";
        try
        {
            new TestNetwork().Dispose();
            return null;
        }
        catch (Win32Exception e)
        {
            return $"the programs ip and tc (Debian: iproute2) are needed. {e.Message}";
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    private static void Ip(params string[] arguments) => Must("ip", arguments);

    private static void Tc(params string[] arguments) => Must("tc", arguments);

    private static string Must(string program, string[] arguments)
    {
        (int code, string output, string error) = Run(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' failed: {error}");
    }

    private static (int Code, string Output, string Error) Run(string program, string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Trim());
    }
}

/// <summary>A machine of a <see cref="TestNetwork"/>.</summary>
/// <param name="Namespace">Its network namespace.</param>
/// <param name="Port">The switch's end of its cable.</param>
/// <param name="Address">Its IP address.</param>
internal sealed record TestMachine(string Namespace, string Port, string Address);
