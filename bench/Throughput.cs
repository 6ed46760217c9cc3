using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lockstep.Coordinator.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Bench;

/// <summary>
/// Training on one core beside the core's own peak of fused multiply-adds, measured in turn in one run, so that the ratio holds
/// on a machine whose speed drifts. The dense limit is the time that the peak needs for the dense matrix products of a step:
/// what no trainer that multiplies the zeros can beat.
/// </summary>
internal static class Throughput
{
    private const int Batch = 128;
    private const int StepsARound = 430;

    public static async Task<int> RunAsync(string[] args)
    {
        string? dataDirectory = Option(args, "--data-dir") ?? Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR");
        int rounds = int.Parse(Option(args, "--rounds") ?? "5");
        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = DatasetLoaderOptions.UserCache(Environment.GetEnvironmentVariable) });
        LoadedDataset loaded = await loader.LoadAsync(new DatasetRequest { DataDirectory = dataDirectory, Offline = true });
        Dataset data = loaded.Data;
        RunSpec spec = Spec(data);
        double flops = DenseFlops(spec.Model);

        var peaks = new List<double>();
        var steps = new List<double>();
        var commands = new List<double>();
        var trainer = new LocalTrainer(spec, data.Training);
        trainer.Run(StepsARound);
        for (int round = 0; round < rounds; round++)
        {
            peaks.Add(FmaPeak.Measure(TimeSpan.FromSeconds(0.5)));
            var clock = Stopwatch.StartNew();
            trainer.Run(StepsARound);
            steps.Add(StepsARound * (double)Batch / clock.Elapsed.TotalSeconds);
            commands.Add(RunCommand(data.Name, dataDirectory));
        }

        Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Processor()}, {RuntimeInformation.FrameworkDescription}, vectors {KernelDispatch.Width}");
        Console.WriteLine($"{data.Name}, {spec.Model}, B={Batch}, S={spec.Shards}, keep 0.5, momentum, L2; dense products: {flops:N0} flop an example; {rounds} rounds, medians (min to max)");
        Console.WriteLine();
        Console.WriteLine("| what | examples/s | of the dense limit |");
        Console.WriteLine("|---|---|---|");
        Row("dense limit of one core", [.. peaks.Select(peak => peak / flops)], peaks, flops, $" ({Median(peaks) / 1e9:0.0} GFLOP/s)");
        Row("`LocalTrainer`, one thread", steps, peaks, flops);
        Row("`train --workers 1 --lanes 1`, whole run but its first epoch", commands, peaks, flops);
        return 0;
    }

    private static void Row(string name, List<double> rates, List<double> peaks, double flops, string note = "")
    {
        List<double> ratios = [.. rates.Zip(peaks, (rate, peak) => rate / (peak / flops))];
        Console.WriteLine($"| {name}{note} | {Median(rates):N0} ({rates.Min():N0} to {rates.Max():N0}) | {Median(ratios):0.00} ({ratios.Min():0.00} to {ratios.Max():0.00}) |");
    }

    /// <summary>Multiplications and additions of the dense matrix products of one example: forward, weight gradients, and data gradients above the input.</summary>
    private static double DenseFlops(ModelSpec model) =>
        model.Layers.Sum(layer => 4.0 * layer.Inputs * layer.Units) + model.Layers.Skip(1).Sum(layer => 2.0 * layer.Inputs * layer.Units);

    private static RunSpec Spec(Dataset data) => new()
    {
        Model = ModelSpec.Parse("784-256-10", keepProb: 0.5),
        Seed = 1,
        BatchSize = Batch,
        Shards = 8,
        TotalSteps = 1_000_000,
        Optimizer = new OptimizerSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 1e-4 },
        Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples },
    };

    /// <summary>The real command with one worker process of one lane: the median epoch's examples per second, from its metrics.</summary>
    private static double RunCommand(string dataset, string? dataDirectory)
    {
        string dll = typeof(Throughput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "LockstepDll").Value!;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-bench-");
        try
        {
            string run = Path.Combine(folder.FullName, "run");
            List<string> arguments =
            [
                dll, "train", "--workers", "1", "--lanes", "1", "--dataset", dataset, "--offline", "--batch-size", $"{Batch}", "--keep-prob", "0.5",
                "--l2", "0.0001", "--epochs", "6", "--out", run, "--quiet",
            ];
            if (dataDirectory is not null)
                arguments.AddRange(["--data-dir", dataDirectory]);
            using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"lockstep train ended with exit code {process.ExitCode}.");
            return Median([.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Skip(1)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("examplesPerSecond").GetDouble())]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string? Option(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }

    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? $"{Environment.ProcessorCount} processors" : $"{line[(line.IndexOf(':') + 1)..].Trim()} ({Environment.ProcessorCount} cores)";
    }
}
