namespace Lockstep.Runs;

/// <summary>A run folder cannot be used; the message says why and what to do.</summary>
public sealed class RunFolderException(string message, Exception? cause = null) : Exception(message, cause);
