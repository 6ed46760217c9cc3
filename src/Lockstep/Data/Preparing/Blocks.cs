using Lockstep.Model.Data;

namespace Lockstep.Data.Preparing;

/// <summary>Work on blocks of examples, on all processors.</summary>
internal static class Blocks
{
    /// <summary>Does every block; of several mistakes the one of the first block is told, whichever thread came first.</summary>
    /// <param name="count">Number of blocks.</param>
    /// <param name="work">Does a block.</param>
    /// <exception cref="DatasetException">A block cannot be done.</exception>
    public static void ForEach(int count, Action<int> work)
    {
        var mistakes = new DatasetException?[count];
        _ = Parallel.For(0, count, (block, state) =>
        {
            try
            {
                work(block);
            }
            catch (DatasetException e)
            {
                mistakes[block] = e;
                state.Break(); // Blocks before this one are still done.
            }
        });
        if (Array.Find(mistakes, mistake => mistake is not null) is { } first)
            throw first;
    }
}
