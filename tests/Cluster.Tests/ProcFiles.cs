using System.Globalization;

namespace Lockstep.Cluster.Tests;

/// <summary>What /proc tells of a process.</summary>
internal static class ProcFiles
{
    /// <summary>The ports that a process listens on: its sockets, looked up among the listening ones.</summary>
    public static List<int> ListeningPorts(int process)
    {
        var sockets = new HashSet<string>();
        foreach (string descriptor in Directory.EnumerateFiles($"/proc/{process}/fd"))
        {
            if (File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name is { } name
                && name.StartsWith("socket:[", StringComparison.Ordinal))
                sockets.Add(name[8..^1]);
        }

        const string listening = "0A";
        return [.. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == listening && sockets.Contains(fields[9]))
            .Select(fields => Convert.ToInt32(fields[1].Split(':')[1], 16))];
    }

    /// <summary>Whether this process ignores SIGHUP, SIGINT, SIGQUIT, SIGUSR1 or SIGTERM, as those that it starts would.</summary>
    public static bool IgnoresSignals()
    {
        const string field = "SigIgn:";
        const string status = "/proc/self/status";
        if (!File.Exists(status))
            return false;
        ulong ignored = Convert.ToUInt64(
            File.ReadLines(status).Single(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..].Trim(), 16);
        return new[] { 1, 2, 3, 10, 15 }.Any(signal => (ignored >> (signal - 1) & 1) != 0);
    }

    /// <summary>The largest resident set that a process has had so far, in bytes.</summary>
    public static long PeakMemory(int process)
    {
        const string field = "VmHWM:";
        string line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
