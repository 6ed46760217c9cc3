namespace Lockstep.Runs;

/// <summary>One line of <c>events.jsonl</c>.</summary>
/// <param name="Time">When, as written.</param>
/// <param name="Kind">Sort of event.</param>
/// <param name="Text">What happened.</param>
internal sealed record RecordedEvent(string Time, string Kind, string Text)
{
    /// <summary>Whether something went wrong.</summary>
    public bool IsFault => Kind is "workerLost" or "workerRefused" or "checkpointFailed" or "warning";
}
