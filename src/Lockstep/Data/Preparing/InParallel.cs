using Lockstep.Model.Data;

namespace Lockstep.Data.Preparing;

/// <summary>Work on all processors, whose mistakes arrive like those of one.</summary>
internal static class InParallel
{
    /// <summary>Calls an action once for each number below a count, in any order.</summary>
    /// <param name="count">How many numbers.</param>
    /// <param name="action">Called from several threads.</param>
    /// <exception cref="DatasetException">One that the action threw.</exception>
    public static void For(int count, Action<int> action)
    {
        try
        {
            _ = Parallel.For(0, count, action);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<DatasetException>().FirstOrDefault() is { } problem)
        {
            throw problem;
        }
    }
}
