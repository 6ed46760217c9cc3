namespace Lockstep.Coordinator.Launching;

/// <summary>Describes how a process ended.</summary>
internal static class ProcessEnd
{
    // The exit code by which ssh reports a failure of its own rather than of the remote command.
    private const int SshFailed = 255;

    /// <summary>Describes a process that was started here, and how it ended.</summary>
    /// <param name="process">Its process id here.</param>
    /// <param name="host">The machine of its worker; null for this one.</param>
    /// <param name="exitCode">Its exit code.</param>
    public static (string Process, string End) Describe(int process, string? host, int exitCode) =>
        host is null ? ($"process {process}", Describe(exitCode))
        : exitCode == SshFailed ? ($"ssh connection to {host}", "failed or ended")
        : ($"process on {host}", Describe(exitCode));

    /// <summary>Describes an exit code. By convention, 128 plus n means that signal n ended the process.</summary>
    public static string Describe(int exitCode) =>
        SignalName(exitCode - 128) is { } signal ? $"was ended by {signal} (exit code {exitCode})" : $"ended with exit code {exitCode}";

    // Only signals with the same number on all systems that have them.
    private static string? SignalName(int number) => number switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL, as the system does when memory runs out",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => null,
    };
}
