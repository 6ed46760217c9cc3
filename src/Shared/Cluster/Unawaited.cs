using Akka.Event;

namespace Lockstep.Shared.Cluster;

/// <summary>Reports failures of tasks that nobody awaits.</summary>
internal static class Unawaited
{
    /// <summary>Logs a failure of the task.</summary>
    /// <param name="task">The task that nobody awaits.</param>
    /// <param name="log">The log.</param>
    /// <param name="what">What failed, as the beginning of a sentence.</param>
    public static void LogFailure(this Task task, ILoggingAdapter log, string what) => _ = task.ContinueWith(
        failed => log.Warning("{0} failed: {1}", what, failed.Exception!.GetBaseException().Message),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
