namespace Lockstep.Coordinator.Launching;

/// <summary>How a process ended, in words.</summary>
internal static class ProcessEnd
{
    // What ssh says when it, and not what it has started, has failed.
    private const int SshFailed = 255;

    /// <summary>A process that was started here, and how it ended.</summary>
    /// <param name="process">Its number here.</param>
    /// <param name="host">The machine that its worker was on; null for this one.</param>
    /// <param name="exitCode">Its exit code.</param>
    public static (string Process, string End) Describe(int process, string? host, int exitCode) =>
        host is null ? ($"process {process}", Describe(exitCode))
        : exitCode == SshFailed ? ($"ssh connection to {host}", "failed or ended")
        : ($"process on {host}", Describe(exitCode));

    /// <summary>A process that a signal ended has, by convention, an exit code of 128 and the number of the signal.</summary>
    public static string Describe(int exitCode) =>
        SignalName(exitCode - 128) is { } signal ? $"was ended by {signal} (exit code {exitCode})" : $"ended with exit code {exitCode}";

    // Of those whose numbers are the same on all systems that have them.
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
