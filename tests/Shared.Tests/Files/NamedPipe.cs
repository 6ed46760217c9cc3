using System.Diagnostics;

namespace Lockstep.Shared.Tests.Files;

/// <summary>A pipe among the files, which whoever opens it waits for.</summary>
internal static class NamedPipe
{
    /// <summary>Makes one, and returns its path; skips the test where there are none.</summary>
    public static string Make(string path)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no pipes among its files.");
        using var mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        return path;
    }
}
