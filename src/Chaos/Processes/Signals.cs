using System.Runtime.InteropServices;

namespace Lockstep.Chaos.Processes;

/// <summary>POSIX signals to a process, with their numbers on Linux.</summary>
internal static partial class Signals
{
    public const int Kill = 9, Terminate = 15, Continue = 18, Stop = 19;

    /// <summary>Sends a signal; ignores a process that has ended.</summary>
    public static void Send(int process, int signal) => _ = SendSignal(process, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
