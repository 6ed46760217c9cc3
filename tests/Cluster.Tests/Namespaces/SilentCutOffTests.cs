namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>Cuts that nobody is told of.</summary>
public sealed class SilentCutOffTests(OpenEndedRun run) : CutOffScenario(run), IClassFixture<OpenEndedRun>
{
    [SkippableTheory]
    [InlineData(Cut.NothingReachesTheWorker)]
    [InlineData(Cut.NothingComesFromTheWorker)]
    [InlineData(Cut.SilentlyBothWays)]
    public void CutOff_UntilTheClusterHasRemovedIt_TheWorkerJoinsAgain(Cut cut) => UntilTheClusterHasRemovedIt(cut);
}
