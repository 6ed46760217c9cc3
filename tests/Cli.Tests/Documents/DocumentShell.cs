using System.Diagnostics;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>The shell of a reader of the documents, in a folder of its own: programs of its <c>bin</c> are on the path.</summary>
internal static class DocumentShell
{
    // Longer than anything takes on a slow machine: it ends a test that hangs.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Makes a program of the folder's <c>bin</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">What a reader types.</param>
    /// <param name="script">Lines of sh.</param>
    public static void AddProgram(string folder, string name, string script)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What a shell does with a text: exit code, and all output.</summary>
    /// <param name="folder">Where it is typed.</param>
    /// <param name="text">What a reader types.</param>
    /// <param name="environment">More variables.</param>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string folder, string text, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec 2>&1\n{text}"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{Path.Combine(folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["LOCKSTEP_OFFLINE"] = "1";
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(folder, "cache");
        start.Environment.Remove("LOCKSTEP_DATA_DIR");
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"Waited for the end of '{text}'.");
        }
    }
}
