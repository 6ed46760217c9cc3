using System.Text.RegularExpressions;
using Lockstep.Cli.Configuration;
using Lockstep.Training;

namespace Lockstep.Cli.Training;

/// <summary>What the library's options are called on the command line.</summary>
internal static partial class OptionNames
{
    private static readonly Dictionary<string, OptionDescriptor> Names = new()
    {
        [nameof(TrainerOptions.TrainingExamples)] = OptionTable.TrainExamples,
        [nameof(TrainerOptions.BatchSize)] = OptionTable.BatchSize,
        [nameof(ClusterOptions.Processes)] = OptionTable.Workers,
        [nameof(ClusterOptions.Hosts)] = OptionTable.Hosts,
        [nameof(ClusterOptions.RemoteProgram)] = OptionTable.RemoteProgram,
        [nameof(ClusterOptions.Listen)] = OptionTable.Listen,
        [nameof(ClusterOptions.Advertise)] = OptionTable.Advertise,
        [nameof(ClusterOptions.Peers)] = OptionTable.Peers,
        [nameof(ClusterOptions.MinWorkers)] = OptionTable.MinWorkers,
        [nameof(ClusterOptions.WorkerTimeout)] = OptionTable.WorkerTimeout,
        [nameof(RunOptions.KeepCheckpoints)] = OptionTable.KeepCheckpoints,
    };

    /// <summary>Does something with the library; its messages about options speak of those of the command line.</summary>
    /// <exception cref="RequestException">What the library threw, in these words.</exception>
    public static T Translate<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (RequestException e)
        {
            throw new RequestException([.. e.Messages.Select(Translate)], e);
        }
    }

    private static string Translate(string message) => Word().Replace(message, word => Names.TryGetValue(word.Value, out OptionDescriptor? option) ? option.Name : word.Value);

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+\b")]
    private static partial Regex Word();
}
