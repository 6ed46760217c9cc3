using Akka.Event;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Replaces Akka's standard-output logger, which Akka uses before its loggers start and after they end, whatever the log level. Standard
/// output is for results only.
/// </summary>
public sealed class NoStandardOutput : MinimalLogger
{
    /// <summary>Drops the message. The last messages of a system that ends on purpose are not news.</summary>
    protected override void Log(object message)
    {
    }
}
