namespace Lockstep.Shared.Secrets;

/// <summary>A secret is missing where it is needed, or its file is none. The message says why and what to do, and nothing of the secret.</summary>
/// <param name="message">A paragraph for people.</param>
/// <param name="cause">The cause, if another exception is it.</param>
public sealed class SecretException(string message, Exception? cause = null) : Exception(message, cause);
