namespace Lockstep.Model.Data;

/// <summary>A data set is not available. The message is a paragraph for people: what was wanted, what was found, and what to do.</summary>
public class DatasetException : Exception
{
    /// <summary>With a paragraph for people.</summary>
    public DatasetException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
