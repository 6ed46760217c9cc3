namespace Lockstep.Model.Data;

/// <summary>A file is not a valid IDX file.</summary>
public sealed class IdxFormatException : DatasetException
{
    /// <summary>Composes the message from the place and the problem.</summary>
    /// <param name="fileName">The file name to show.</param>
    /// <param name="offset">Offset of the problem in bytes of decompressed content.</param>
    /// <param name="problem">What is wrong, what was expected, and what to do; whole sentences.</param>
    /// <param name="innerException">The decompressor's exception; null for none.</param>
    public IdxFormatException(string fileName, long offset, string problem, Exception? innerException = null)
        : base($"'{fileName}', byte {offset}: {problem}", innerException)
        => (FileName, Offset) = (fileName, offset);

    /// <summary>The file name to show.</summary>
    public string FileName { get; }

    /// <summary>Offset of the problem in bytes of decompressed content.</summary>
    public long Offset { get; }
}
