using Lockstep.Coordinator.Tracing;
using Lockstep.Runs;

namespace Lockstep.Verification;

/// <summary>The first difference of two runs, by their traces and by checkpoints of equal steps.</summary>
/// <param name="FirstStep">
/// The first step after which the weights differ, 0 for the weights before the first step; null when there is none.
/// </param>
/// <param name="SameSteps">Last step after which the weights are known to be the same; null when there is none.</param>
/// <param name="ByTrace">Whether <paramref name="FirstStep"/> comes from the traces. If not, steps between the two may differ too.</param>
/// <param name="Specs">What differs in the specs; null where a spec is not known.</param>
/// <param name="SameSpec">Whether all that the weights depend on is the same in the specs.</param>
/// <param name="Largest">
/// The value that differs most, and the step of its checkpoints; null if both runs have no checkpoint of the same step.
/// </param>
public sealed record RunDifference(
    long? FirstStep,
    long? SameSteps,
    bool ByTrace,
    IReadOnlyList<SpecDifference>? Specs,
    bool SameSpec,
    (long Step, TensorDifference Value)? Largest)
{
    /// <summary>Compares two runs.</summary>
    /// <param name="first">A run.</param>
    /// <param name="second">Another.</param>
    /// <param name="notes">Receives why a checkpoint cannot be compared.</param>
    /// <exception cref="TraceException">A trace is damaged.</exception>
    public static RunDifference Between(RunHistory first, RunHistory second, ICollection<string> notes)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(notes);
        IReadOnlyList<SpecDifference>? specs = first.Spec is { } a && second.Spec is { } b ? SpecDifferences.Between(a, b) : null;
        (long? differs, long? same) = CompareTraces(first, second);
        bool byTrace = differs is not null;
        (long Step, TensorDifference Value)? largest = null;
        ILookup<long, string> others = second.Files.ToLookup(file => file.Step, file => file.Path);
        foreach ((string path, long step) in first.Files.Where(file => file.Step >= (differs ?? 0) && others.Contains(file.Step)))
        {
            if (RunHistory.TryRead(path, notes) is not { } ours || RunHistory.TryRead(others[step].First(), notes) is not { } theirs)
                continue;
            if (TensorDifference.Largest(ours.Parameters, theirs.Parameters) is { } value)
            {
                differs ??= step;
                largest = (step, value);
                break;
            }

            if (!byTrace && ours.WeightsSha256 == theirs.WeightsSha256)
                same = Math.Max(same ?? 0, step);
        }

        // A trace that ends early says nothing about a later checkpoint.
        if (!byTrace && differs <= same)
            same = null;
        return new RunDifference(differs, same, byTrace, specs, first.SpecHash == second.SpecHash, largest);
    }

    private static (long? Differs, long? Same) CompareTraces(RunHistory first, RunHistory second)
    {
        using TraceReader? ours = first.OpenTrace(), theirs = second.OpenTrace();
        if (ours is null || theirs is null)
            return (null, null);
        long? same = null;
        if (ours.FirstStep == theirs.FirstStep)
        {
            if (ours.FirstWeights != theirs.FirstWeights)
                return (ours.FirstStep, null);
            same = ours.FirstStep;
        }

        TraceLine? our = ours.Next(), their = theirs.Next();
        while (our is not null && their is not null)
        {
            if (our.Value.Step == their.Value.Step)
            {
                if (our.Value.Weights != their.Value.Weights)
                    return (our.Value.Step, same);
                same = our.Value.Step;
            }

            bool advanceOurs = our.Value.Step <= their.Value.Step, advanceTheirs = their.Value.Step <= our.Value.Step;
            if (advanceOurs)
                our = ours.Next();
            if (advanceTheirs)
                their = theirs.Next();
        }

        return (null, same);
    }
}
