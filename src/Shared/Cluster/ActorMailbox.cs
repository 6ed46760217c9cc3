using Akka.Actor;

namespace Lockstep.Shared.Cluster;

/// <summary>The mailbox of an actor.</summary>
/// <param name="actor">The receiver.</param>
public sealed class ActorMailbox(IActorRef actor) : IMailbox
{
    /// <inheritdoc/>
    public void Tell(object message) => actor.Tell(message);

    /// <inheritdoc/>
    public void TellAndRun(object message) => ThreadsExecutor.TellAndRun(actor, message);
}
