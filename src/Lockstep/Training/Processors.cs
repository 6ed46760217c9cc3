using System.Globalization;

namespace Lockstep.Training;

/// <summary>The processors that this process may compute on.</summary>
internal static class Processors
{
    private const string SlurmVariable = "SLURM_CPUS_PER_TASK";

    /// <summary>
    /// Those that the runtime counts, which follows the affinity of the process and the limit of its container; at most those that Slurm gave
    /// the task: where it does not bind tasks to processors, only its variable tells.
    /// </summary>
    public static int Usable => Of(Environment.ProcessorCount, Environment.GetEnvironmentVariable(SlurmVariable));

    /// <summary>The same of given facts.</summary>
    public static int Of(int counted, string? slurm) =>
        int.TryParse(slurm, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given > 0 ? Math.Min(counted, given) : counted;
}
