namespace Lockstep.Shared.Checkpoints;

/// <summary>A checkpoint cannot be read or written. The message names the file, the problem and what to do.</summary>
public sealed class CheckpointException : Exception
{
    internal CheckpointException(CheckpointError error, string file, string problem, Exception? inner = null)
        : base($"Checkpoint '{file}' {problem}", inner) => (Error, File, Problem) = (error, file, problem);

    /// <summary>What is wrong.</summary>
    public CheckpointError Error { get; }

    /// <summary>The file, or the folder without a checkpoint.</summary>
    public string File { get; }

    /// <summary>The message without the file.</summary>
    internal string Problem { get; }
}
