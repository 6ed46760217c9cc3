namespace Lockstep.Cli.Terminal;

/// <summary>Exit codes of the command.</summary>
internal static class ExitCode
{
    /// <summary>Done; also a run that was stopped and saved.</summary>
    public const int Done = 0;

    /// <summary>The run failed.</summary>
    public const int RunFailed = 1;

    /// <summary>Bad input or options; nothing was started.</summary>
    public const int BadInput = 2;

    /// <summary>The cluster could not form, or was lost.</summary>
    public const int ClusterLost = 3;

    /// <summary>A second SIGHUP: 128 + 1.</summary>
    public const int HungUp = 129;

    /// <summary>A second SIGINT: 128 + 2.</summary>
    public const int Interrupted = 130;

    /// <summary>A second SIGUSR1: 128 + its number, which is not the same on all systems.</summary>
    public static readonly int User1 = 128 + ShutdownSignals.User1;

    /// <summary>A second SIGTERM: 128 + 15.</summary>
    public const int Terminated = 143;
}
