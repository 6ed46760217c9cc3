using Lockstep.Model.Data;
using Lockstep.Verification;

namespace Lockstep.Chaos.Plans;

/// <summary>One training under faults.</summary>
internal sealed record ChaosOptions
{
    /// <summary>Which faults, and when.</summary>
    public required ChaosPlan Plan { get; init; }

    /// <summary>Where all files go.</summary>
    public required ChaosFolder Folder { get; init; }

    /// <summary>What is trained, as options of <c>lockstep coordinator</c>.</summary>
    public required IReadOnlyList<string> CoordinatorArguments { get; init; }

    /// <summary>Options of <c>lockstep worker</c>.</summary>
    public required IReadOnlyList<string> WorkerArguments { get; init; }

    /// <summary>Examples in a step.</summary>
    public required long BatchSize { get; init; }

    /// <summary>Parameters of the model, for the size of the disk of checkpoints.</summary>
    public required long Parameters { get; init; }

    /// <summary>How long the run may make no progress; longer than the coordinator's own time limit.</summary>
    public required TimeSpan Bound { get; init; }

    /// <summary>Finds the data set of a run, for the undisturbed training.</summary>
    public required Func<RunHistory, Task<Dataset>> LoadData { get; init; }

    /// <summary>Receives what is going on when it takes a while.</summary>
    public required Action<string> OnActivity { get; init; }

    /// <summary>Receives the last completed step, many times a second; null for nobody.</summary>
    public Action<long>? OnStep { get; init; }
}
