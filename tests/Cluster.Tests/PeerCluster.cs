using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>The coordinators of one run, and workers.</summary>
internal sealed class PeerCluster : IDisposable
{
    private readonly SmallRun _run;
    private readonly string _transport;
    private readonly string[] _addresses, _ofFirst;
    private readonly List<LockstepProcess> _all = [];
    private readonly List<LockstepProcess> _workers = [];

    /// <param name="run">What they train.</param>
    /// <param name="coordinators">How many coordinators to start.</param>
    /// <param name="workers">How many workers to start.</param>
    /// <param name="places">How many coordinators there may be.</param>
    /// <param name="firstFolder">Folder of the first one, if it is a particular one.</param>
    /// <param name="transport">How weights and gradients travel.</param>
    /// <param name="ofFirst">Options that only the first one has.</param>
    public PeerCluster(
        SmallRun run, int coordinators, int workers = 2, int? places = null, string? firstFolder = null, string transport = "auto",
        params string[] ofFirst)
    {
        (_run, _transport) = (run, transport);
        _ofFirst = ofFirst;
        _addresses = [.. Enumerable.Range(0, places ?? coordinators).Select(_ => $"127.0.0.1:{FreePorts.Pair()}")];
        Folders = [.. _addresses.Select((_, place) => place == 0 && firstFolder is not null ? firstFolder : _run.NewOut())];
        StartCoordinators(coordinators);
        StartWorkers(workers);
    }

    public IReadOnlyList<string> Folders { get; }

    public List<LockstepProcess> Coordinators { get; } = [];

    /// <summary>One after another, so that the first one leads.</summary>
    public void StartCoordinators(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Coordinators.Add(Start(i, _run.Options));
            Coordinators[i].WaitForLine("its place", IsPlace);
        }
    }

    public LockstepProcess Start(int place, IEnumerable<string> options) => Keep(LockstepProcess.Start(
        ["coordinator", .. options, .. place == 0
            ? _ofFirst
            : [], "--listen", _addresses[place], "--peers", string.Join(',', _addresses), "--min-workers", "2", "--transport", _transport, "--out", Folders[place],
            "--json"]));

    /// <summary>Starts one that was killed with its old command, and waits until it follows.</summary>
    public void Restart(int place)
    {
        Coordinators[place] = Start(place, _run.Options);
        Coordinators[place].WaitForLine("the leader", line => line.StartsWith("standing by for the coordinator", StringComparison.Ordinal));
    }

    public void StartWorkers(int count)
    {
        for (int i = 0; i < count; i++)
            _workers.Add(Keep(LockstepProcess.Start(["worker", "--join", string.Join(',', _addresses), "--lanes", "1"])));
    }

    public void KillWorkers()
    {
        foreach (LockstepProcess worker in _workers)
            worker.Kill();
        _workers.Clear();
    }

    public void TerminateWorker() => _workers[0].Terminate();

    public static void WaitForLead(LockstepProcess coordinator, int term) => coordinator.WaitForLine(
        $"the lead with term {term}",
        line => line.StartsWith("leading run ", StringComparison.Ordinal) && line.EndsWith($" with term {term}", StringComparison.Ordinal));

    /// <summary>
    /// Checks that a coordinator has ended well, with the weights and the trace of an undisturbed run, and the workers too.
    /// </summary>
    public JsonElement AssertEnded(int by)
    {
        JsonElement summary = Coordinators[by].WaitForSummary();
        SmallRun.AssertEnded(summary, _run.WeightsSha256);
        _run.AssertTrace(Folders[by]);
        Assert.All(_workers, worker => Assert.Equal(0, worker.WaitForExit()));
        return summary;
    }

    public void Dispose()
    {
        foreach (LockstepProcess process in _all)
            process.Dispose();
    }

    private static bool IsPlace(string line) =>
        line.StartsWith("waiting for workers", StringComparison.Ordinal)
            || line.StartsWith("standing by for the coordinator", StringComparison.Ordinal);

    private LockstepProcess Keep(LockstepProcess process)
    {
        _all.Add(process);
        return process;
    }
}
