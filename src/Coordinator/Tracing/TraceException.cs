namespace Lockstep.Coordinator.Tracing;

/// <summary>A trace cannot be read. The message names file, line and problem.</summary>
public sealed class TraceException(string message, Exception? inner = null) : Exception(message, inner);
