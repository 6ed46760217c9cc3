namespace Lockstep.Shared.Cluster;

/// <summary>Where a role's messages to another role go: an actor's mailbox, or a simulated one.</summary>
public interface IMailbox
{
    /// <summary>Sends a message; returns at once.</summary>
    void Tell(object message);

    /// <summary>Sends a message, and lets the receiver handle it on the calling thread if it is idle: to wake another thread takes longer than most messages.</summary>
    void TellAndRun(object message);
}
