using System.Diagnostics;

namespace Lockstep.Shared.Tests.Interchange;

/// <summary>The Python of this machine, or of <c>LOCKSTEP_PYTHON</c>, as the judge of files that are for it.</summary>
internal static class Python
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private static string Program => Environment.GetEnvironmentVariable("LOCKSTEP_PYTHON") is { Length: > 0 } chosen ? chosen : "python3";

    /// <summary>Skips the test, and says so, where a module cannot be imported.</summary>
    public static void Require(params string[] modules)
    {
        foreach (string module in modules)
        {
            (int exitCode, _, string error) = Start($"import {module}", []);
            Skip.If(
                exitCode != 0,
                $"'{Program}' cannot import {module}: {error.Trim().Split('\n')[^1]} Name an interpreter that can with LOCKSTEP_PYTHON.");
        }
    }

    /// <summary>Runs a script and gives what it printed.</summary>
    public static string Run(string script, params string[] arguments)
    {
        (int exitCode, string output, string error) = Start(script, arguments);
        Assert.True(exitCode == 0, $"Python ended with exit code {exitCode}: {error}");
        return output;
    }

    private static (int ExitCode, string Out, string Error) Start(string script, string[] arguments)
    {
        var start = new ProcessStartInfo(
            Program, ["-c", script, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Deadline))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"'{Program}' did not end within {Deadline}.");
            }

            return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (127, "", e.Message);
        }
    }
}
