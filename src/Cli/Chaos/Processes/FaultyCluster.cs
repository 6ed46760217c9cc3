using System.Globalization;
using Lockstep.Cli.Chaos.Network;
using Lockstep.Cli.Chaos.Watching;

namespace Lockstep.Cli.Chaos.Processes;

/// <summary>One coordinator and its workers as processes of this same program, with a proxy between them, and handles to break each of these.</summary>
internal sealed class FaultyCluster : IDisposable
{
    private readonly ClusterCommands _commands;
    private readonly RunWatch _watch;
    private readonly Guard _guard;
    private readonly Action<string, string> _onLine;
    private readonly ClusterProxy _proxy;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Child> _workers = [];
    private readonly WorkerNames _names;
    private Child? _coordinator;
    private ChaosFailure? _failure;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="commands">The command lines.</param>
    /// <param name="watch">Follows the run.</param>
    /// <param name="guard">Ends what this process leaves behind.</param>
    /// <param name="onLine">Told each line that a process says: who, and what.</param>
    public FaultyCluster(ClusterCommands commands, RunWatch watch, Guard guard, Action<string, string> onLine)
    {
        (_commands, _watch, _guard, _onLine) = (commands, watch, guard, onLine);
        _proxy = new ClusterProxy((from, to) => NumberOf(SocketOwner.OfConnection(from, to, Processes)), watch);
        _names = new WorkerNames(port => NumberOf(SocketOwner.OfListener(port, Processes)));
    }

    /// <summary>Checkpoints that the coordinator could not write.</summary>
    public int CheckpointsRefused { get; private set; }

    private int[] Processes
    {
        get
        {
            lock (_lock)
                return [.. _workers.Values.Select(worker => worker.Id)];
        }
    }

    /// <summary>Starts a coordinator, for a new run or for the one that the last coordinator left.</summary>
    public void StartCoordinator(bool resume)
    {
        var coordinator = new Child(_commands.Coordinator(_proxy.Coordinator, _proxy.Advertised, resume), _guard, HearCoordinator);
        lock (_lock)
            _coordinator = coordinator;
        _watch.CoordinatorIs(up: true);
        _ = coordinator.Ended.ContinueWith(
            ended =>
            {
                _watch.CoordinatorIs(up: false);
                if (!coordinator.IsEndWanted)
                    Fail(coordinator, "The coordinator", ended.Result);
            },
            TaskScheduler.Default);
    }

    /// <summary>Starts a worker.</summary>
    public void StartWorker(int number)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"worker {number}");
        var worker = new Child(_commands.Worker(), _guard, line => _onLine(name, line));
        lock (_lock)
            _workers[number] = worker;
        _watch.WorkerStarted(number);
        worker.Write(_proxy.Advertised.ToString());
        _ = worker.Ended.ContinueWith(
            ended =>
            {
                _watch.WorkerEnded(number);
                if (!worker.IsEndWanted)
                    Fail(worker, $"Worker {number}", ended.Result);
            },
            TaskScheduler.Default);
    }

    /// <summary>What lies between a worker and the coordinator.</summary>
    public Link LinkOf(int worker) => _proxy.LinkOf(worker);

    /// <summary>Stops a worker's process where it is, or lets it go on.</summary>
    public void Pause(int number, bool isPaused) => Worker(number).Signal(isPaused ? Signals.Stop : Signals.Continue);

    /// <summary>Kills a worker.</summary>
    public Task KillWorkerAsync(int number) => EndAsync(Worker(number), Signals.Kill);

    /// <summary>Kills the coordinator.</summary>
    public Task KillCoordinatorAsync() => EndAsync(_coordinator!, Signals.Kill);

    /// <summary>Asks a worker to leave, and waits until it has.</summary>
    /// <exception cref="ChaosFailure">It does not, or says that something went wrong.</exception>
    public Task LeaveAsync(int number, TimeSpan bound) => TerminateAsync(Worker(number), $"Worker {number}", "leave", bound);

    /// <summary>Asks the coordinator to save and end, waits until it has, and for the workers to follow.</summary>
    /// <exception cref="ChaosFailure">It does not, or says that something went wrong.</exception>
    public async Task StopAsync(TimeSpan bound)
    {
        Child[] workers;
        lock (_lock)
            workers = [.. _workers.Values];
        foreach (Child worker in workers)
            worker.IsEndWanted = true;
        await TerminateAsync(_coordinator!, "The coordinator", "save and end", bound);
        await Task.WhenAny(Task.WhenAll(workers.Select(worker => worker.Ended)), Task.Delay(TimeSpan.FromSeconds(3)));
    }

    /// <summary>Throws what went wrong since, if anything did.</summary>
    /// <exception cref="ChaosFailure">A process ended that should not have.</exception>
    public void ThrowIfBroken()
    {
        lock (_lock)
        {
            if (_failure is not null)
                throw _failure;
        }
    }

    public void Dispose()
    {
        Child[] all;
        lock (_lock)
            all = [.. _workers.Values, .. _coordinator is null ? [] : new[] { _coordinator }];
        foreach (Child child in all)
            child.IsEndWanted = true;
        _proxy.Dispose();
        foreach (Child child in all)
            child.Dispose();
    }

    private static async Task EndAsync(Child child, int signal)
    {
        child.IsEndWanted = true;
        child.Signal(signal);
        _ = await child.Ended;
    }

    private static async Task TerminateAsync(Child child, string name, string what, TimeSpan bound)
    {
        child.IsEndWanted = true;
        child.Signal(Signals.Terminate);
        if (await Task.WhenAny(child.Ended, Task.Delay(bound)) != child.Ended)
            throw new ChaosFailure(ChaosFailure.Hung, $"{name} was asked to {what}, and did not within {bound.TotalSeconds:0} s. The last that it said:\n{child.LastWords}");
        if (await child.Ended is not ExitCode.Done and int code)
            throw new ChaosFailure(ChaosFailure.Ended, $"{name} was asked to {what}, and ended with exit code {code}. The last that it said:\n{child.LastWords}");
    }

    private Child Worker(int number)
    {
        lock (_lock)
            return _workers[number];
    }

    private int? NumberOf(int? process)
    {
        lock (_lock)
            return _workers.Where(worker => worker.Value.Id == process).Select(worker => (int?)worker.Key).FirstOrDefault();
    }

    private void HearCoordinator(string line)
    {
        if (line.Contains("warning: no checkpoint of step", StringComparison.Ordinal))
            CheckpointsRefused++;
        _onLine("coordinator", _names.Translate(line));
    }

    private void Fail(Child child, string name, int exitCode)
    {
        lock (_lock)
            _failure ??= new ChaosFailure(ChaosFailure.Ended, $"{name} ended by itself with exit code {exitCode}. The last that it said:\n{child.LastWords}") { ExitCode = exitCode };
    }
}
