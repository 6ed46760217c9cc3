namespace Lockstep.Shared.Tls;

/// <summary>A certificate, its key or the folder that they should be in cannot be used or made. The message says why and what to do.</summary>
/// <param name="message">A paragraph for people.</param>
/// <param name="cause">The cause, if another exception is it.</param>
public sealed class CertificateException(string message, Exception? cause = null) : Exception(message, cause);
