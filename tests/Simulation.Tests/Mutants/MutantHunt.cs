using System.Runtime;

namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>Looks for what a mutant does wrong, on a thread that is given up on when a seed takes too long.</summary>
internal static class MutantHunt
{
    /// <summary>A seed takes some milliseconds; the first one compiles what it runs.</summary>
    public static readonly TimeSpan MostForASeed = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20), MostForAnEnd = TimeSpan.FromSeconds(2);

    /// <summary>How the mutant was caught: by which seed, and what was violated; null when it was not.</summary>
    /// <exception cref="StaleMutantException">The source has changed.</exception>
    public static string? Run(Mutant mutant, int seeds, string search = nameof(Searches.Seeds), TimeSpan? mostForASeed = null)
    {
        var program = new MutantProgram(mutant);
        Func<int, Action<ulong>, string?> look = program.Search(search);
        try
        {
            return Run(begins => look(seeds, begins), mostForASeed ?? MostForASeed);
        }
        finally
        {
            program.Unload();
        }
    }

    private static string? Run(Func<Action<ulong>, string?> search, TimeSpan mostForASeed)
    {
        using var giveUp = new CancellationTokenSource();
        long seed = -1, since = Environment.TickCount64;
        string? caught = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
#pragma warning disable SYSLIB0046 // It aborts the thread wherever it is. Nothing of this process but the mutant is there.
                ControlledExecution.Run(() => caught = search(Begins), giveUp.Token);
#pragma warning restore SYSLIB0046
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.IsBackground = true;
        thread.Start();
        while (!thread.Join(Look))
        {
            if (Environment.TickCount64 - Interlocked.Read(ref since) < mostForASeed.TotalMilliseconds)
                continue;
            giveUp.Cancel();
            thread.Join(MostForAnEnd);
            return $"seed {Interlocked.Read(ref seed)}: hangs for more than {mostForASeed.TotalSeconds:0} s";
        }

        return failure is null ? caught : $"seed {seed}: {failure}";

        void Begins(ulong next)
        {
            Interlocked.Exchange(ref seed, (long)next);
            Interlocked.Exchange(ref since, Environment.TickCount64);
        }
    }
}
