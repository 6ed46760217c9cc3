namespace Lockstep.Shared.Secrets;

/// <summary>
/// A required secret is missing, or its file is not usable. The message says why and what to do, and contains nothing of the secret.
/// </summary>
/// <param name="message">A paragraph for people.</param>
/// <param name="cause">The cause; null for none.</param>
public sealed class SecretException(string message, Exception? cause = null) : Exception(message, cause);
