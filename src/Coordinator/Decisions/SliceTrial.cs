namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// Finds out whether steps are faster in slices or directly: makes some steps of each, and compares their medians.
/// </summary>
internal sealed class SliceTrial
{
    // The first steps of either kind are slower: code and connections are new.
    private const int WarmUp = 3, Measured = 9;

    private readonly List<TimeSpan> _sliced = [], _direct = [];

    /// <summary>Whether the next step is to be made in slices.</summary>
    public bool UsesSlices => !IsFull(_sliced) || (IsFull(_direct) && Median(_sliced) < Median(_direct));

    /// <summary>Records the time of a step.</summary>
    public void Took(TimeSpan time, bool inSlices)
    {
        List<TimeSpan> times = inSlices ? _sliced : _direct;
        if (!IsFull(times))
            times.Add(time);
    }

    private static bool IsFull(List<TimeSpan> times) => times.Count == WarmUp + Measured;

    private static TimeSpan Median(List<TimeSpan> times) => times.Skip(WarmUp).Order().ElementAt(Measured / 2);
}
