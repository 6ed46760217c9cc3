namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>Cuts that somebody is told of.</summary>
public sealed class CutOffTests(OpenEndedRun run) : CutOffScenario(run), IClassFixture<OpenEndedRun>
{
    [SkippableTheory]
    [InlineData(Cut.AtTheSwitch)]
    [InlineData(Cut.AtTheWorker)]
    public void CutOff_UntilTheClusterHasRemovedIt_TheWorkerJoinsAgain(Cut cut) => UntilTheClusterHasRemovedIt(cut);
}
