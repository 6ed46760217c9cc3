namespace Lockstep.Bench.Compare;

/// <summary>What is wrong is not timed.</summary>
internal static class Check
{
    public static void Equal(string what, string got, string expected)
    {
        if (got != expected)
            throw new InvalidOperationException($"{what}: got {got}, expected {expected}. Nothing is timed until they agree.");
    }

    public static void AtLeast(string what, double got, double expected)
    {
        if (!(got >= expected))
            throw new InvalidOperationException(
                $"{what}: got {got:0.####}, expected at least {expected:0.####}. Nothing is timed until it is.");
    }
}
