namespace Lockstep.Data;

/// <summary>No mirror gave the file, or it could not be kept. The message is the reason alone, as a part of a sentence.</summary>
internal sealed class DownloadException(string reason, Exception? innerException = null) : Exception(reason, innerException);
