using System.Globalization;

namespace Lockstep.Chaos.Network;

/// <summary>Finds which process has a socket of this machine, from Linux's <c>/proc</c>.</summary>
internal static class SocketOwner
{
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The one of some processes that has the connection from one local port to another; null for none.</summary>
    public static int? OfConnection(int from, int to, IEnumerable<int> processes) =>
        Find(processes, fields => PortOf(fields[1]) == from && PortOf(fields[2]) == to);

    /// <summary>The one of some processes that listens on a port; null for none.</summary>
    public static int? OfListener(int port, IEnumerable<int> processes) =>
        Find(processes, fields => fields[3] == Listening && PortOf(fields[1]) == port);

    private static int? Find(IEnumerable<int> processes, Func<string[], bool> isSought)
    {
        string[] sockets = [.. Tables.Where(File.Exists).SelectMany(File.ReadLines).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[1].Contains(':', StringComparison.Ordinal) && isSought(fields))
            .Select(fields => $"socket:[{fields[9]}]")];
        return sockets.Length == 0 ? null : processes.Cast<int?>().FirstOrDefault(process => Holds(process!.Value, sockets));
    }

    private static bool Holds(int process, string[] sockets)
    {
        try
        {
            foreach (string descriptor in Directory.EnumerateFiles($"/proc/{process}/fd"))
            {
                if (new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target))
                    return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended.
        }

        return false;
    }

    private static int PortOf(string address) =>
        int.TryParse(
            address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int port)
                ? port
                : -1;
}
