namespace Lockstep.Shared.Interchange;

/// <summary>Weights in a foreign format cannot be read or written. The message names the file, the problem and what to do.</summary>
public sealed class InterchangeException : Exception
{
    internal InterchangeException(InterchangeError error, string file, string problem, Exception? inner = null)
        : base($"'{file}' {problem}", inner) => (Error, File) = (error, file);

    /// <summary>What is wrong.</summary>
    public InterchangeError Error { get; }

    /// <summary>The file or folder.</summary>
    public string File { get; }
}
