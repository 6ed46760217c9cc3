using Akka.Event;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Takes the place of Akka's logger to standard output, which it turns to before its loggers start and after they have ended,
/// whatever the log level: results go there and nothing else.
/// </summary>
public sealed class NoStandardOutput : MinimalLogger
{
    /// <summary>Drops the message: what the last moments of a system that ends on purpose have to say is no news.</summary>
    protected override void Log(object message)
    {
    }
}
