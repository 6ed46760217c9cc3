namespace Lockstep.Simulation.Tests;

/// <summary>What was seen in a run besides violations; the suite asks whether everything was seen at all.</summary>
internal sealed class SimStatistics
{
    /// <summary>Gradients of nodes of the step under way that came for the first time.</summary>
    public int Gradients { get; set; }

    /// <summary>Gradients that came once more.</summary>
    public int Duplicates { get; set; }

    /// <summary>Gradients of another step than the one under way.</summary>
    public int Stale { get; set; }

    /// <summary>Times that a worker was asked for more nodes within a step.</summary>
    public int Reissues { get; set; }

    public int Joined { get; set; }

    public int Lost { get; set; }

    public int RefusedWorkers { get; set; }

    public int FailedSaves { get; set; }

    /// <summary>Damaged checkpoints that were passed over.</summary>
    public int PassedOver { get; set; }

    public int CoordinatorStarts { get; set; }

    /// <summary>Workers that were asked to leave, and left owing nothing.</summary>
    public int LetGo { get; set; }

    public int RostersByPace { get; set; }

    /// <summary>Gradients handed over in shared memory.</summary>
    public int SharedGradients { get; set; }

    /// <summary>Sums that came in slices.</summary>
    public int SumsOfSlices { get; set; }

    /// <summary>Steps that were begun in slices and completed directly.</summary>
    public int SlicesGivenUp { get; set; }

    /// <summary>Gradients of weights that had changed while they were read.</summary>
    public int TornResults { get; set; }

    /// <summary>Checkpoints that a standby got.</summary>
    public int Replicated { get; set; }

    /// <summary>Leaders that met one which was further.</summary>
    public int Yields { get; set; }

    public void Add(SimStatistics other)
    {
        Gradients += other.Gradients;
        Duplicates += other.Duplicates;
        Stale += other.Stale;
        Reissues += other.Reissues;
        Joined += other.Joined;
        Lost += other.Lost;
        RefusedWorkers += other.RefusedWorkers;
        FailedSaves += other.FailedSaves;
        PassedOver += other.PassedOver;
        CoordinatorStarts += other.CoordinatorStarts;
        LetGo += other.LetGo;
        RostersByPace += other.RostersByPace;
        SharedGradients += other.SharedGradients;
        SumsOfSlices += other.SumsOfSlices;
        SlicesGivenUp += other.SlicesGivenUp;
        TornResults += other.TornResults;
        Replicated += other.Replicated;
        Yields += other.Yields;
    }
}
