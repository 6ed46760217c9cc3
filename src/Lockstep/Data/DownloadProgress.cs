namespace Lockstep.Data;

/// <summary>How far the download of one file is.</summary>
/// <param name="File">Published name of the file.</param>
/// <param name="From">Host of the mirror.</param>
/// <param name="Received">Bytes so far.</param>
/// <param name="Total">Bytes of the whole file; null where the mirror does not say.</param>
public sealed record DownloadProgress(string File, string From, long Received, long? Total);
