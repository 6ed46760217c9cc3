namespace Lockstep.Chaos.Plans;

/// <summary>The workers at a time of a plan, and the processes that no fault lasts for.</summary>
internal sealed class PlanRoster
{
    private readonly SortedDictionary<int, double> _busyUntil = [];
    private readonly Dictionary<int, string> _gone = [];
    private readonly Dictionary<CoordinatorRole, double> _coordinatorBusyUntil = [];

    public PlanRoster(int workers)
    {
        for (int i = 0; i < workers; i++)
            Join();
    }

    /// <summary>Numbers of the present workers.</summary>
    public IReadOnlyCollection<int> There => _busyUntil.Keys;

    /// <summary>Number of workers so far; the highest number.</summary>
    public int Ever { get; private set; }

    /// <summary>The workers that no fault lasts for at a time.</summary>
    public IEnumerable<int> InPeace(double at) => There.Where(worker => !IsBusy(worker, at));

    /// <summary>Whether an earlier fault of a worker lasts.</summary>
    public bool IsBusy(int worker, double at) => _busyUntil[worker] > at;

    /// <summary>Whether an earlier fault of a coordinator in this role lasts.</summary>
    public bool IsBusy(CoordinatorRole role, double at) => _coordinatorBusyUntil.GetValueOrDefault(role, double.NegativeInfinity) > at;

    /// <summary>Role of the coordinator that a fault hits; null for none. The disk is the leader's.</summary>
    public static CoordinatorRole? VictimOf(Fault fault) => fault.Kind == FaultKind.Disk ? CoordinatorRole.Leader : fault.Coordinator;

    /// <summary>Why a worker is absent; null if it is present.</summary>
    public string? WhyAbsent(int worker) => _busyUntil.ContainsKey(worker) ? null
        : _gone.GetValueOrDefault(worker) ?? $"there are only the workers 1 to {Ever} by then";

    /// <summary>Applies a fault; its worker, if it has one, must be present.</summary>
    public void Apply(Fault fault)
    {
        if (fault.Kind == FaultKind.Join)
        {
            Join();
        }
        else if (VictimOf(fault) is { } role)
        {
            _coordinatorBusyUntil[role] = fault.Ends;
        }
        else if (fault.Kind is FaultKind.Kill or FaultKind.Leave)
        {
            _ = _busyUntil.Remove(fault.Worker);
            _gone[fault.Worker] = fault.Kind == FaultKind.Kill ? "it was killed before" : "it has left before";
        }
        else if (fault.Worker > 0)
        {
            _busyUntil[fault.Worker] = Math.Max(_busyUntil[fault.Worker], fault.Ends);
        }
    }

    private void Join() => _busyUntil.Add(++Ever, double.NegativeInfinity);
}
