namespace Lockstep.Data;

/// <summary>No mirror gave the file, or it could not be written. The message is only the reason, as a part of a sentence.</summary>
internal sealed class DownloadException(string reason, Exception? innerException = null) : Exception(reason, innerException);
