namespace Lockstep.Shared.Tls;

/// <summary>A certificate, its key or their folder cannot be used or created. The message says why and what to do.</summary>
/// <param name="message">A paragraph for people.</param>
/// <param name="cause">The cause; null for none.</param>
public sealed class CertificateException(string message, Exception? cause = null) : Exception(message, cause);
