namespace Lockstep.Coordinator.Launching;

/// <summary>A program that this one needs cannot be started. The message is for the user.</summary>
public sealed class ChildStartException(string message, Exception? cause = null) : Exception(message, cause);
