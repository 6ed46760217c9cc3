namespace Lockstep.Runs;

/// <summary>A line of <c>events.jsonl</c>.</summary>
/// <param name="Time">When, UTC.</param>
/// <param name="Kind">Sort of event, in camel case, for programs.</param>
/// <param name="Text">What happened, for people.</param>
internal sealed record EventJson(DateTime Time, string Kind, string Text);
