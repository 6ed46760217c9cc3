using System.Runtime.InteropServices;

namespace Lockstep.Worker.Lanes;

/// <summary>Threads of lanes, for the scheduler.</summary>
internal static partial class LaneThread
{
    // SCHED_BATCH in <sched.h> of Linux.
    private const int Batch = 3;

    /// <summary>
    /// Declares that the calling thread computes for long: when it is woken, it displaces none that runs (Linux). Otherwise, the weights
    /// of one worker displace the thread that is about to send them to the next one, which then waits for a whole gradient.
    /// </summary>
    public static void Begin()
    {
        // Without it, all is as it was, only slower.
        if (OperatingSystem.IsLinux())
            _ = SetScheduler(0, Batch, 0);
    }

    /// <param name="thread">0 for the calling thread.</param>
    /// <param name="policy">How it is scheduled.</param>
    /// <param name="priority">0 for this policy.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
