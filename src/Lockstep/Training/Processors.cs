using System.Globalization;

namespace Lockstep.Training;

/// <summary>The processors that this process may compute on.</summary>
internal static class Processors
{
    private const string SlurmVariable = "SLURM_CPUS_PER_TASK";

    /// <summary>
    /// The runtime's count, which follows the affinity of the process and the limit of its container; at most what Slurm gave the task,
    /// because Slurm may set only its variable and not bind tasks to processors.
    /// </summary>
    public static int Usable => Of(Environment.ProcessorCount, Environment.GetEnvironmentVariable(SlurmVariable));

    /// <summary>The same for given values.</summary>
    public static int Of(int counted, string? slurm) =>
        int.TryParse(slurm, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given > 0
            ? Math.Min(counted, given)
            : counted;
}
