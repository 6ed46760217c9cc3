namespace Lockstep.Coordinator.Launching;

/// <summary>
/// The port by which tools for .NET look into a process: the runtime opens it before any code of a program runs, as files in the temporary folder that
/// stay there when the process is killed, and no setting of a program can keep it from that.
/// </summary>
public static class DiagnosticsPort
{
    /// <summary>The variable by which the runtime is asked for it, with 1, or told not to open it, with 0.</summary>
    public const string Variable = "DOTNET_EnableDiagnostics";

    private static readonly string[] Asking = [Variable, "DOTNET_EnableDiagnostics_IPC", "DOTNET_EnableDiagnostics_Debugger"];

    /// <summary>Whether this process was started to be looked into.</summary>
    public static bool IsAsked { get; } =
        Asking.Any(name => Environment.GetEnvironmentVariable(name) == "1") || Environment.GetEnvironmentVariable("DOTNET_DiagnosticPorts") is { Length: > 0 };

    /// <summary>Closes it to all others, unless it was asked for: without its files nobody finds it.</summary>
    public static void Close()
    {
        if (IsAsked || !OperatingSystem.IsLinux() || StartTime() is not { } started)
            return;
        string folder = Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } chosen ? chosen : "/tmp";
        string process = $"{Environment.ProcessId}-{started}";
        foreach (string file in new[] { $"clr-debug-pipe-{process}-in", $"clr-debug-pipe-{process}-out", $"dotnet-diagnostic-{process}-socket" })
            TryDelete(Path.Combine(folder, file));
    }

    // As the runtime names the files: the 22nd field. The second may hold blanks.
    private static string? StartTime()
    {
        try
        {
            string stat = File.ReadAllText("/proc/self/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is { Length: > 19 } fields ? fields[19] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays, as without this.
        }
    }
}
