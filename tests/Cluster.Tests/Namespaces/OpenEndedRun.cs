using System.Text.Json;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>
/// A run that goes on until a test has seen what it wanted to see; whatever step that is, the weights after it are known.
/// </summary>
public sealed class OpenEndedRun : IDisposable
{
    private const int ManyEpochs = 100_000, StepsALine = 10;

    private readonly SmallRun _run = new();
    private readonly RunSpec _spec;

    public OpenEndedRun()
    {
        _spec = _run.Spec with { TotalSteps = (long)ManyEpochs * _run.Spec.StepsPerEpoch };
        SecretFile = _run.NewSecret("nobody will ever guess this");
    }

    public string DataDirectory => _run.DataDirectory;

    /// <summary>A folder for a run that does not exist yet.</summary>
    public string NewOut() => _run.NewOut();

    /// <summary>The file of the secret of all processes: no cluster goes without on a network.</summary>
    public string SecretFile { get; }

    /// <summary><c>coordinator</c> with the options of the run and more; it prints a line every few steps.</summary>
    public IEnumerable<string> Coordinator(string outFolder, params string[] more) =>
        ["coordinator", .. _run.Train(
            outFolder, "--epochs", $"{ManyEpochs}", "--eval-every", $"{StepsALine}steps", "--keep-checkpoints", "3").Skip(1), .. more];

    /// <summary>Waits until so many more steps are done.</summary>
    internal static void WaitForSteps(LockstepProcess coordinator, int steps, string during)
    {
        int done = coordinator.StandardError.Split('\n').Count(IsProgress), awaited = done + steps / StepsALine;
        int seen = 0;
        coordinator.WaitForLine($"{steps} steps more {during}", line => IsProgress(line) && ++seen >= awaited);
    }

    /// <summary>Stops the coordinator, and checks that it has, after every step, the weights of an undisturbed run.</summary>
    internal void StopAndCheck(LockstepProcess coordinator, string folder)
    {
        coordinator.Terminate();
        JsonElement summary = coordinator.WaitForSummary();
        Check(folder, summary.GetProperty("steps").GetInt64(), summary.GetProperty("weightsSha256").GetString()!);
    }

    private void Check(string folder, long steps, string weightsSha256)
    {
        var trainer = new LocalTrainer(_spec, _run.Data.Training);
        string trace = SmallRun.TraceOf(trainer, _spec, steps);
        Assert.Equal(trainer.WeightsSha256, weightsSha256);
        Assert.Equal(trace, File.ReadAllText(Path.Combine(folder, "trace.txt")));
    }

    public void Dispose() => _run.Dispose();

    private static bool IsProgress(string line) => line.StartsWith("epoch ", StringComparison.Ordinal);
}
