namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>A bug that is planted in the product's source.</summary>
/// <param name="Name">A short name.</param>
/// <param name="Wrong">What the changed product does wrong.</param>
/// <param name="File">The source, from the folder src on: <c>Coordinator/RunState.cs</c>.</param>
/// <param name="Text">Stands in the source once. Else the mutant is stale: the source has changed, and it is to be written anew.</param>
/// <param name="Replacement">Takes its place; signatures that other projects call stay as they are.</param>
internal sealed record Mutant(string Name, string Wrong, string File, string Text, string Replacement)
{
    /// <summary>The project that is compiled again.</summary>
    public string Project => File[..File.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The source with the bug in it.</summary>
    /// <exception cref="StaleMutantException">The text does not stand there once.</exception>
    public string Plant(string source)
    {
        int first = source.IndexOf(Text, StringComparison.Ordinal);
        if (first < 0 || source.IndexOf(Text, first + 1, StringComparison.Ordinal) >= 0)
        {
            string times = first < 0 ? "nowhere" : "more than once";
            throw new StaleMutantException($"The mutant {Name} is stale: its text stands {times} in src/{File}. Write it anew.");
        }

        return string.Concat(source.AsSpan(0, first), Replacement, source.AsSpan(first + Text.Length));
    }
}

/// <summary>A mutant of a source that has changed since.</summary>
internal sealed class StaleMutantException(string message) : Exception(message);
