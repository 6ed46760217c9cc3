using Lockstep.Chaos.Network;
using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Watching;

namespace Lockstep.Chaos.Processes;

/// <summary>
/// The coordinators and workers of a run as processes of this program, with proxies between them, and the means to break all of these.
/// </summary>
internal sealed class FaultyCluster : IDisposable
{
    /// <summary>Coordinators of every run under faults: one leads, and after its end there are still a leader and a standby.</summary>
    public const int Coordinators = 3;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    private readonly ClusterCommands _commands;
    private readonly RunWatch _watch;
    private readonly Guard _guard;
    private readonly Action<string, string> _onLine;
    private readonly Lock _lock = new();
    private readonly CoordinatorMember[] _coordinators;
    private readonly SortedDictionary<int, Member> _workers = [];
    private readonly WorkerNames _names;
    private ChaosFailure? _failure;

    /// <summary>A cluster without processes.</summary>
    /// <param name="commands">The command lines.</param>
    /// <param name="places">Run folder of each coordinator, and the disk of its checkpoints.</param>
    /// <param name="watch">Follows the run.</param>
    /// <param name="guard">Ends all processes after this one.</param>
    /// <param name="onLine">Receives each line of a process: its name, and the line.</param>
    public FaultyCluster(
        ClusterCommands commands,
        IEnumerable<(string Folder, ICheckpointDisk Disk)> places,
        RunWatch watch,
        Guard guard,
        Action<string, string> onLine)
    {
        _commands = commands;
        _watch = watch;
        _guard = guard;
        _onLine = onLine;
        _coordinators = [.. places.Select((place, i) => new CoordinatorMember(i + 1, place.Folder, place.Disk, ClientOf, watch))];
        _names = new WorkerNames(
            port => WorkerOf(SocketOwner.OfListener(port, Processes)),
            address => Array.Find(_coordinators, coordinator => coordinator.Address == address)?.Number);
    }

    /// <summary>Checkpoints that could not be written.</summary>
    public int CheckpointsRefused { get; private set; }

    /// <summary>The coordinator that trains, or trained last; before that, any.</summary>
    public CoordinatorMember Leader => _coordinators[Math.Max(_watch.Leader, 1) - 1];

    /// <summary>Why there is not one leader for which all other coordinators stand by; null if there is.</summary>
    public string? Unsettled
    {
        get
        {
            lock (_lock)
            {
                if (Array.FindAll(_coordinators, coordinator => coordinator.IsLeading) is not [var leader])
                    return $"{_coordinators.Count(coordinator => coordinator.IsLeading)} coordinators lead";
                return Array.Find(_coordinators, coordinator => coordinator != leader && coordinator.Follows != leader.Address) is { } lost
                    ? $"{lost.Name} does not stand by for {leader.Name}"
                    : null;
            }
        }
    }

    private string Addresses => string.Join(',', _coordinators.Select(coordinator => coordinator.Address));

    private int[] Processes
    {
        get
        {
            lock (_lock)
            {
                return [.. _workers.Values.Concat(_coordinators)
                    .Where(member => member.Process is not null)
                    .Select(member => member.Process!.Id)];
            }
        }
    }

    /// <summary>Starts all coordinators.</summary>
    public void StartCoordinators() => Array.ForEach(_coordinators, StartCoordinator);

    /// <summary>Starts a coordinator with its command.</summary>
    public void StartCoordinator(CoordinatorMember coordinator)
    {
        coordinator.Proxy.Open();
        _watch.CoordinatorIs(coordinator.Number, up: true);
        Start(coordinator, _commands.Coordinator(coordinator, Addresses), line => HearCoordinator(coordinator, line), () =>
        {
            coordinator.Proxy.Close();
            _watch.CoordinatorIs(coordinator.Number, up: false);
            lock (_lock)
                coordinator.Gone();
        });
    }

    /// <summary>Starts a worker.</summary>
    public void StartWorker(int number)
    {
        var worker = new Member($"worker {number}");
        lock (_lock)
            _workers[number] = worker;
        _watch.WorkerStarted(number);
        Start(worker, _commands.Worker(), line => _onLine(worker.Name, line), () => _watch.WorkerEnded(number));
        worker.Process!.Write(Addresses);
    }

    /// <summary>A worker, present or past.</summary>
    public Member Worker(int number)
    {
        lock (_lock)
            return _workers[number];
    }

    /// <summary>
    /// Waits for a coordinator in a role that no fault hits, and marks it as hit. A leader must have a standby, or a signal to it would end
    /// the run.
    /// </summary>
    /// <exception cref="ChaosFailure">None was found in time.</exception>
    public async Task<CoordinatorMember> ChooseAsync(CoordinatorRole role, TimeSpan bound, CancellationToken stop)
    {
        for (double until = _watch.Now + bound.TotalSeconds; _watch.Now < until; await Task.Delay(LookEvery, stop))
        {
            ThrowIfBroken();
            lock (_lock)
            {
                // If two lead, the one that trains.
                CoordinatorMember? chosen = _coordinators.OrderBy(coordinator => coordinator != Leader)
                    .FirstOrDefault(coordinator => !coordinator.IsBusy && (role == CoordinatorRole.Standby ? coordinator.Follows is not null
                        : coordinator.IsLeading && Array.Exists(_coordinators, other => other.Follows == coordinator.Address)));
                chosen?.IsBusy = true;
                if (chosen is not null)
                    return chosen;
            }
        }

        throw new ChaosFailure(ChaosFailure.Hung, $"there was no {FaultKinds.NameOf(role)} for {bound.TotalSeconds:0} s.");
    }

    /// <summary>Asks all coordinators to end, the leader last, so that it hands over to nobody, and waits for the workers to end.</summary>
    /// <returns>The leader.</returns>
    /// <exception cref="ChaosFailure">One does not end, or ends with an error.</exception>
    public async Task<CoordinatorMember> StopAsync(TimeSpan bound)
    {
        CoordinatorMember leader = Leader;
        Member[] workers;
        lock (_lock)
            workers = [.. _workers.Values];
        foreach (Member worker in workers)
            worker.Process!.IsEndWanted = true;
        foreach (CoordinatorMember coordinator in _coordinators.OrderBy(coordinator => coordinator == leader))
            await coordinator.LeaveAsync(bound);
        await Task.WhenAny(Task.WhenAll(workers.Select(worker => worker.Process!.Ended)), Task.Delay(TimeSpan.FromSeconds(3)));
        return leader;
    }

    /// <summary>Throws if a process has failed since the last call.</summary>
    /// <exception cref="ChaosFailure">A process ended unexpectedly.</exception>
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
        Member[] all;
        lock (_lock)
            all = [.. _workers.Values, .. _coordinators];
        foreach (Child? child in all.Select(member => member.Process))
            child?.IsEndWanted = true;
        foreach (Member member in all)
            member.Link.Close();
        foreach (CoordinatorMember coordinator in _coordinators)
            coordinator.Proxy.Dispose();
        foreach (Member member in all)
            member.Process?.Dispose();
    }

    private void Start(Member member, IEnumerable<string> command, Action<string> onLine, Action onEnded)
    {
        var child = new Child(command, _guard, onLine);
        lock (_lock)
            member.Process = child;
        member.Over = child.Ended.ContinueWith(
            ended =>
            {
                onEnded();
                if (!child.IsEndWanted)
                    Fail(child, member.Name, ended.Result);
            },
            TaskScheduler.Default);
    }

    private ProxyClient? ClientOf(int from, int to)
    {
        int? process = SocketOwner.OfConnection(from, to, Processes);
        lock (_lock)
        {
            Member? member = Array.Find(_coordinators, coordinator => coordinator.Process?.Id == process)
                ?? _workers.Values.FirstOrDefault(worker => worker.Process?.Id == process);
            return process is null || member is null
                ? null
                : new ProxyClient(member.Link, member is CoordinatorMember ? null : WorkerOf(process));
        }
    }

    private int? WorkerOf(int? process)
    {
        lock (_lock)
            return _workers.Where(worker => worker.Value.Process?.Id == process).Select(worker => (int?)worker.Key).FirstOrDefault();
    }

    private void HearCoordinator(CoordinatorMember coordinator, string line)
    {
        lock (_lock)
        {
            coordinator.Hear(line);
            if (line.Contains("warning: no checkpoint of step", StringComparison.Ordinal))
                CheckpointsRefused++;
        }

        _onLine(coordinator.Name, _names.Translate(line));
    }

    private void Fail(Child child, string name, int exitCode)
    {
        lock (_lock)
        {
            string message = $"{name} ended by itself with exit code {exitCode}. The last that it said:\n{child.LastWords}";
            _failure ??= new ChaosFailure(ChaosFailure.Ended, message) { ExitCode = exitCode };
        }
    }
}
