using System.Diagnostics;

namespace Lockstep.Bench.Compare;

/// <summary>This program once more, for what needs a second process.</summary>
internal static class SelfProcess
{
    /// <summary>Starts it, if wanted in a network namespace.</summary>
    public static Process Start(IEnumerable<string> arguments, string? networkNamespace = null)
    {
        string[] command = ["dotnet", typeof(SelfProcess).Assembly.Location, .. arguments];
        if (networkNamespace is not null)
            command = ["ip", "netns", "exec", networkNamespace, .. command];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
    }
}
