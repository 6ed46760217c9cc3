using Akka.Event;

namespace Lockstep.Shared.Cluster;

/// <summary>What nobody awaits must say so when it fails.</summary>
internal static class Unawaited
{
    /// <summary>Logs a failure of the task that the task itself did not expect.</summary>
    /// <param name="task">What nobody awaits.</param>
    /// <param name="log">Where it is told.</param>
    /// <param name="what">What failed, as the beginning of a sentence.</param>
    public static void LogFailure(this Task task, ILoggingAdapter log, string what) => _ = task.ContinueWith(
        failed => log.Warning("{0} failed: {1}", what, failed.Exception!.GetBaseException().Message),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
