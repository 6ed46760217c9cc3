namespace Lockstep.Bench.Compare;

/// <summary>Something that a row needs is not on this machine. The message says what, and how to have it.</summary>
internal sealed class RowSkippedException(string message) : Exception(message);
