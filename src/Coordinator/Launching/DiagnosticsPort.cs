namespace Lockstep.Coordinator.Launching;

/// <summary>
/// The runtime's diagnostics port, by which .NET tools attach to a process. The runtime opens it before any code of the program runs, as
/// files in the temporary folder that remain when the process is killed. No setting in a program prevents that.
/// </summary>
public static class DiagnosticsPort
{
    /// <summary>The environment variable that requests the port (1) or forbids it (0).</summary>
    public const string Variable = "DOTNET_EnableDiagnostics";

    private static readonly string[] Asking = [Variable, "DOTNET_EnableDiagnostics_IPC", "DOTNET_EnableDiagnostics_Debugger"];

    /// <summary>Whether the port was requested for this process.</summary>
    public static bool IsAsked { get; } =
        Asking.Any(name => Environment.GetEnvironmentVariable(name) == "1")
            || Environment.GetEnvironmentVariable("DOTNET_DiagnosticPorts") is { Length: > 0 };

    /// <summary>Deletes the port's files unless it was requested, so that no tool finds it.</summary>
    public static void Close()
    {
        if (IsAsked || !OperatingSystem.IsLinux() || StartTime() is not { } started)
            return;
        string folder = Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } chosen ? chosen : "/tmp";
        string process = $"{Environment.ProcessId}-{started}";
        string[] files = [$"clr-debug-pipe-{process}-in", $"clr-debug-pipe-{process}-out", $"dotnet-diagnostic-{process}-socket"];
        foreach (string file in files)
            TryDelete(Path.Combine(folder, file));
    }

    // The 22nd field, as in the runtime's file names. The second field may contain blanks.
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
            // The files remain, as they would without this.
        }
    }
}
