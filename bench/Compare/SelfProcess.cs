using System.Diagnostics;

namespace Lockstep.Bench.Compare;

/// <summary>This program once more, for what needs a second process.</summary>
internal static class SelfProcess
{
    public static Process Start(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(SelfProcess).Assembly.Location, .. arguments]))!;
}
