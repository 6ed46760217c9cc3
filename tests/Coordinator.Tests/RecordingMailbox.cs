using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Tests;

/// <summary>Keeps what it is told until somebody takes it.</summary>
internal sealed class RecordingMailbox : IMailbox
{
    private readonly Queue<object> _messages = new();

    public int Count => _messages.Count;

    public void Tell(object message) => _messages.Enqueue(message);

    public void TellAndRun(object message) => Tell(message);

    /// <summary>Takes the next message; null for none.</summary>
    public object? Take() => _messages.TryDequeue(out object? message) ? message : null;
}
