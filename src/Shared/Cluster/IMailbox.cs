namespace Lockstep.Shared.Cluster;

/// <summary>Receives messages for a role: an actor's mailbox, or a simulated one.</summary>
public interface IMailbox
{
    /// <summary>Sends a message; returns at once.</summary>
    void Tell(object message);

    /// <summary>
    /// Sends a message. An idle receiver handles it on the calling thread, because waking another thread takes longer than most messages.
    /// </summary>
    void TellAndRun(object message);
}
