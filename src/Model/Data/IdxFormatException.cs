namespace Lockstep.Model.Data;

/// <summary>A file is not the IDX file it should be.</summary>
public sealed class IdxFormatException : DatasetException
{
    /// <summary>Composes the message from the place and the problem.</summary>
    /// <param name="fileName">The file, as people know it.</param>
    /// <param name="offset">Byte where the problem shows, counted in the decompressed content.</param>
    /// <param name="problem">What is wrong, what was expected, and what to do; whole sentences.</param>
    /// <param name="innerException">What a decompressor said, if it was one.</param>
    public IdxFormatException(string fileName, long offset, string problem, Exception? innerException = null)
        : base($"'{fileName}', byte {offset}: {problem}", innerException)
        => (FileName, Offset) = (fileName, offset);

    /// <summary>The file, as people know it.</summary>
    public string FileName { get; }

    /// <summary>Byte where the problem shows, counted in the decompressed content.</summary>
    public long Offset { get; }
}
