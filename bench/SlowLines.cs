using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace Lockstep.Bench;

/// <summary>
/// Network namespaces on one switch, each behind a line of its own of some bandwidth, each way. Needs Linux, root, ip and tc.
/// </summary>
internal sealed partial class SlowLines : IDisposable
{
    private const int NewNetwork = 0x40000000;
    private static readonly string Switch = $"ls{Environment.ProcessId}";
    private readonly int _count;
    private readonly Dictionary<string, string> _limits = [];

    /// <summary>Makes the lines.</summary>
    /// <param name="megabits">Bandwidth of each.</param>
    /// <param name="count">How many.</param>
    public SlowLines(int megabits, int count)
    {
        _count = count;
        string bucket = $"root tbf rate {megabits}mbit burst 128kb latency 50ms";
        var ends = Enumerable.Range(0, count).ToArray();
        try
        {
            SetNeighbours(most: 200_000);
            Batch("ip", [], [$"link add {Switch} type bridge", $"link set {Switch} up", .. ends.Select(i => $"netns add {Name(i)}")]);
            Batch("ip", [], [.. ends.SelectMany(i => new[]
            {
                $"link add {Switch}-{i} type veth peer name far netns {Name(i)}", $"link set {Switch}-{i} master {Switch} up",
            })]);
            Batch("tc", [], [.. ends.Select(i => $"qdisc add dev {Switch}-{i} {bucket}")]);
            foreach (int i in ends)
            {
                Batch("ip", ["-n", Name(i)], [$"address add {Address(i)}/16 dev far", "link set lo up", "link set far up"]);
                Batch("tc", ["-n", Name(i)], [$"qdisc add dev far {bucket}"]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Name of a namespace.</summary>
    public static string Name(int line, int? process = null) => $"lockstep-bench-{process ?? Environment.ProcessId}-{line}";

    /// <summary>Address at the end of a line.</summary>
    public static IPAddress Address(int line) => IPAddress.Parse($"10.78.{line / 250}.{line % 250 + 1}");

    /// <summary>Lets the calling thread, and threads that it starts, make their sockets in a namespace.</summary>
    public static void Enter(string name)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle($"/var/run/netns/{name}");
        if (SetNamespace((int)file.DangerousGetHandle(), NewNetwork) != 0)
            throw new InvalidOperationException($"The namespace {name} cannot be entered: error {Marshal.GetLastPInvokeError()}.");
    }

    public void Dispose()
    {
        SetNeighbours(most: null);
        using (Process remove = Start("ip", ["-force", "-batch", "-"]))
        {
            for (int i = 0; i < _count; i++)
                remove.StandardInput.WriteLine($"netns delete {Name(i)}");
            remove.StandardInput.WriteLine($"link delete {Switch}");
            remove.StandardInput.Close();
            remove.StandardError.ReadToEnd();
            remove.WaitForExit();
        }
    }

    /// <summary>One table of neighbours serves all namespaces; null gives it its size of before.</summary>
    private void SetNeighbours(int? most)
    {
        foreach (string limit in new[] { "gc_thresh3", "gc_thresh2" })
        {
            string file = $"/proc/sys/net/ipv4/neigh/default/{limit}";
            if (most is { } size && _limits.TryAdd(file, File.ReadAllText(file)))
                File.WriteAllText(file, $"{size}");
            else if (_limits.Remove(file, out string? before))
                File.WriteAllText(file, before);
        }
    }

    private static void Batch(string program, string[] options, string[] commands)
    {
        using Process process = Start(program, [.. options, "-batch", "-"]);
        foreach (string command in commands)
            process.StandardInput.WriteLine(command);
        process.StandardInput.Close();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{program}': {error.Trim()}");
    }

    private static Process Start(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true })!;

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);
}
