namespace Lockstep.Shared.Interchange;

/// <summary>What is wrong with a file of weights.</summary>
public enum InterchangeError
{
    /// <summary>No such file or folder.</summary>
    NotFound,

    /// <summary>The file is shorter than it says: writing or copying it was cut off.</summary>
    Truncated,

    /// <summary>The file breaks the rules of its format, or its content was changed.</summary>
    Invalid,

    /// <summary>A valid file with content that Lockstep does not support, such as integers or pickled objects.</summary>
    Unsupported,

    /// <summary>NaN or infinity, which no model can use.</summary>
    NotFinite,

    /// <summary>More values than the largest model has.</summary>
    TooLarge,

    /// <summary>A file of that name exists; files are never replaced.</summary>
    Exists,

    /// <summary>The disk or its permissions failed.</summary>
    Io,
}
