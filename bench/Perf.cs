using System.Diagnostics;

namespace Lockstep.Bench;

/// <summary>The kernel's tracer (Linux; needs the right to trace).</summary>
internal static class Perf
{
    /// <summary>Runs <c>perf</c> and returns its standard output.</summary>
    public static string Run(params IEnumerable<string> arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("perf", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"'perf {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: {error.Result}");
    }
}
