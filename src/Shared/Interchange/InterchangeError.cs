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

    /// <summary>A lawful file with something that Lockstep has no use for, such as whole numbers or pickled objects.</summary>
    Unsupported,

    /// <summary>Values that are NaN or infinite: no model can be trained from them, or stands for anything.</summary>
    NotFinite,

    /// <summary>More values than the largest model has.</summary>
    TooLarge,

    /// <summary>A file of that name exists, and files are never replaced.</summary>
    Exists,

    /// <summary>The disk or its permissions failed.</summary>
    Io,
}
