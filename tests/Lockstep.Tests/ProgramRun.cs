using System.Diagnostics;
using System.Reflection;

namespace Lockstep.Tests;

/// <summary>A program of this repository, run to its end as a process of its own in a folder of its own.</summary>
internal static class ProgramRun
{
    // Longer than anything here takes on a slow machine: it ends a test that hangs.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>The repository.</summary>
    public static string Root { get; } = Metadata("Root");

    /// <summary>Runs a program and gives what it printed on standard output.</summary>
    /// <param name="project">Folder of its project.</param>
    /// <param name="assembly">Name of its assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<string> OutputOf(string project, string assembly, params string[] arguments)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-tests-");
        try
        {
            var start = new ProcessStartInfo("dotnet")
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.ArgumentList.Add(PathOf(project, assembly));
            foreach (string argument in arguments)
                start.ArgumentList.Add(argument);
            start.Environment["LOCKSTEP_OFFLINE"] = "1";
            start.Environment.Remove("LOCKSTEP_DATA_DIR");
            using Process process = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token),
                error = process.StandardError.ReadToEndAsync(deadline.Token);
                await process.WaitForExitAsync(deadline.Token);
                Assert.True(process.ExitCode == 0, $"{assembly} ended with exit code {process.ExitCode}. Standard error:\n{await error}");
                return await output;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"Waited for the end of {assembly}.");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A program of this build.</summary>
    /// <param name="project">Folder of its project.</param>
    /// <param name="assembly">Name of its assembly.</param>
    public static string PathOf(string project, string assembly) => Path.Combine(Root, project, Metadata("Output"), $"{assembly}.dll");

    private static string Metadata(string key) =>
        typeof(ProgramRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
