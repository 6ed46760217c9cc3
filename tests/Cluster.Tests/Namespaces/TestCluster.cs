namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>A coordinator and three workers, each on its machine of a <see cref="TestNetwork"/>, in the middle of a run.</summary>
internal sealed class TestCluster : IDisposable
{
    private const int Port = 4100;

    private readonly OpenEndedRun _run;
    private readonly string _folder;
    private readonly List<LockstepProcess> _processes = [];

    private static string AddressOf(TestNetwork network) => $"{network.Coordinator.Address}:{Port}";

    private TestCluster(OpenEndedRun run, string transport)
    {
        (_run, _folder) = (run, run.NewOut());
        Network = new TestNetwork();
        try
        {
            string address = AddressOf(Network);
            _processes.Add(LockstepProcess.StartIn(
                Network.Coordinator.Namespace,
                run.Coordinator(
                    _folder,
                    ["--listen", address, "--secret-file", run.SecretFile, "--min-workers", $"{Network.Workers.Count}", "--transport", transport])));
            foreach (TestMachine machine in Network.Workers)
                _processes.Add(LockstepProcess.StartIn(machine.Namespace, Worker(run, address)));
            WaitForSteps(50, "of all, undisturbed");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static string[] Worker(OpenEndedRun run, string address) =>
        ["worker", "--join", address, "--secret-file", run.SecretFile, "--lanes", "1"];

    public TestNetwork Network { get; }

    public LockstepProcess Coordinator => _processes[0];

    public IReadOnlyList<LockstepProcess> Workers => _processes[1..];

    /// <summary>Starts all and waits until the run is under way; or skips the test where networks cannot be made.</summary>
    public static TestCluster Start(OpenEndedRun run, string transport = "auto")
    {
        TestNetwork.SkipUnlessPossible();
        return new TestCluster(run, transport);
    }

    /// <summary>Starts one more worker.</summary>
    public LockstepProcess Join(TestMachine machine) => LockstepProcess.StartIn(machine.Namespace, Worker(_run, AddressOf(Network)));

    public void Apply(Cut cut, TestMachine machine)
    {
        if (cut == Cut.AtTheSwitch)
            Network.Unplug(machine);
        if (cut == Cut.AtTheWorker)
            TestNetwork.SwitchOff(machine);
        if (cut is Cut.NothingReachesTheWorker or Cut.SilentlyBothWays)
            Network.Deafen(machine);
        if (cut is Cut.NothingComesFromTheWorker or Cut.SilentlyBothWays)
            TestNetwork.Mute(machine);
    }

    public void Heal(Cut cut, TestMachine machine)
    {
        if (cut == Cut.AtTheSwitch)
            Network.PlugIn(machine);
        else if (cut == Cut.AtTheWorker)
            TestNetwork.SwitchOn(machine);
        else
            Network.Repair(machine);
    }

    public void WaitForSteps(int steps, string during) => OpenEndedRun.WaitForSteps(Coordinator, steps, during);

    /// <summary>Waits until a machine has sent so many gradients more: its worker takes part.</summary>
    public void WaitForGradients(TestMachine machine, int gradients)
    {
        const long gradientBytes = 200_000;
        long wanted = Network.BytesSentBy(machine) + gradients * gradientBytes;
        SpinWait.SpinUntil(() => Network.BytesSentBy(machine) >= wanted, LockstepProcess.Deadline);
        Assert.True(
            Network.BytesSentBy(machine) >= wanted,
            $"Waited for {gradients} gradients of {machine.Address}. Standard error:\n{Coordinator.StandardError}");
    }

    /// <summary>Waits until a machine's worker has joined for the n-th time.</summary>
    public void WaitForReady(TestMachine machine, int times)
    {
        int seen = 0;
        Coordinator.WaitForLine(
            $"{machine.Address} to join {times} times",
            line => line.StartsWith($"worker {machine.Address}:", StringComparison.Ordinal) && line.Contains(" ready, ")
                && ++seen == times);
    }

    /// <summary>Stops the run, and checks that every step has the weights of an undisturbed one and that all ended well.</summary>
    public void StopAndCheck()
    {
        _run.StopAndCheck(Coordinator, _folder);
        foreach (LockstepProcess worker in Workers)
            Assert.True(worker.WaitForExit() == 0, $"A worker failed. Its standard error:\n{worker.StandardError}");
    }

    public void Dispose()
    {
        foreach (LockstepProcess process in _processes)
            process.Dispose();
        Network.Dispose();
    }
}
