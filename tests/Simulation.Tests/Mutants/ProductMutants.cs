namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>Bugs of the product that the simulation has to find.</summary>
internal static class ProductMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("ForgetUnreported", "A resumed run forgets the statistics that were not reported yet.", "Coordinator/RunState.cs",
            "return _resumed.Unreported;",
            "return default;"),
    ];
}
