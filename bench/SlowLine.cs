using System.Diagnostics;
using System.Net;

namespace Lockstep.Bench;

/// <summary>A network namespace at the other end of a line of some bandwidth, each way. Needs Linux, root, ip and tc.</summary>
internal sealed class SlowLine : IDisposable
{
    private static readonly IPAddress Far = IPAddress.Parse("10.78.0.2");
    private static readonly string NearEnd = $"ls{Environment.ProcessId}";

    public SlowLine(int megabits)
    {
        Must("ip", "netns", "add", Namespace);
        try
        {
            Must("ip", "link", "add", NearEnd, "type", "veth", "peer", "name", "far", "netns", Namespace);
            Must("ip", "address", "add", $"{Near}/30", "dev", NearEnd);
            Must("ip", "-n", Namespace, "address", "add", $"{Far}/30", "dev", "far");
            Must("ip", "link", "set", NearEnd, "up");
            Must("ip", "-n", Namespace, "link", "set", "far", "up");
            string[] bucket = ["root", "tbf", "rate", $"{megabits}mbit", "burst", "1mb", "latency", "50ms"];
            Must("tc", ["qdisc", "add", "dev", NearEnd, .. bucket]);
            Must("tc", ["-n", Namespace, "qdisc", "add", "dev", "far", .. bucket]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Namespace { get; } = $"lockstep-bench-{Environment.ProcessId}";

    /// <summary>Address of this machine's end of every such line.</summary>
    public static IPAddress Near { get; } = IPAddress.Parse("10.78.0.1");

    public void Dispose() => Start("ip", "netns", "delete", Namespace).WaitForExit();

    private static void Must(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}': {error.Trim()}");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
}
