using System.Text.RegularExpressions;
using Lockstep.Cli.Options;
using Lockstep.Training;

namespace Lockstep.Cli.Training;

/// <summary>What the library's options are called on the command line.</summary>
internal static partial class OptionNames
{
    private static readonly Dictionary<string, ICliOption> Names = new()
    {
        [nameof(TrainerOptions.TrainingExamples)] = TrainingOptions.TrainExamples,
        [nameof(TrainerOptions.LabelSmoothing)] = TrainingOptions.LabelSmoothing,
        [nameof(TrainerOptions.ClassWeights)] = TrainingOptions.ClassWeights,
        [nameof(TrainerOptions.BatchSize)] = TrainingOptions.BatchSize,
        [nameof(ClusterOptions.Processes)] = NetworkOptions.Workers,
        [nameof(ClusterOptions.Hosts)] = NetworkOptions.Hosts,
        [nameof(ClusterOptions.RemoteProgram)] = NetworkOptions.RemoteProgram,
        [nameof(ClusterOptions.Listen)] = NetworkOptions.Listen,
        [nameof(ClusterOptions.Advertise)] = NetworkOptions.Advertise,
        [nameof(ClusterOptions.Peers)] = NetworkOptions.Peers,
        [nameof(ClusterOptions.MinWorkers)] = NetworkOptions.MinWorkers,
        [nameof(ClusterOptions.WorkerTimeout)] = NetworkOptions.WorkerTimeout,
        [nameof(RunOptions.KeepBest)] = RunFolderOptions.KeepBest,
        [nameof(RunOptions.KeepCheckpoints)] = RunFolderOptions.KeepCheckpoints,
    };

    /// <summary>Does something with the library; its messages about options speak of those of the command line.</summary>
    /// <exception cref="RequestException">What the library threw, in these words.</exception>
    public static void Translate(Action use) => Translate(() =>
    {
        use();
        return true;
    });

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

    private static string Translate(string message) =>
        Word().Replace(message, word => Names.TryGetValue(word.Value, out ICliOption? option) ? option.Name : word.Value);

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+\b")]
    private static partial Regex Word();
}
