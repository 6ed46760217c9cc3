using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Lockstep.Bench.Compare;
using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Bench;

/// <summary>
/// What a lost worker costs: a training of three shards with three real worker processes, with and without one that stands by. Again and
/// again one is killed, or stopped so that its stream stays open, and the longest time between two completed steps around it is taken.
/// </summary>
internal sealed partial class Recovery(string program) : IProgress<RunEvent>, IDisposable
{
    private const int Shards = 3, Kill = 9, Stop = 19;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3), Around = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<string> _address = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly List<long> _steps = [];
    private readonly List<Process> _workers = [];

    public static async Task<int> RunAsync(int rounds)
    {
        Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors, "
            + $"{RuntimeInformation.FrameworkDescription}; {Shards} shards, one lane a worker, synthetic digits, {rounds} losses each");
        Console.WriteLine();
        Console.WriteLine("| loss | standing by | step, median | longest wait for a step around the loss, median (min to max) |");
        Console.WriteLine("|---|---|---|---|");
        Dataset data = SyntheticDigits.Create();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-bench-");
        PublishedBuild published = PublishedBuild.Make(folder.FullName);
        foreach (int signal in new[] { Kill, Stop })
        {
            foreach (int standby in new[] { 0, 1 })
            {
                using var recovery = new Recovery(published.Program);
                (double step, List<double> waits) = await recovery.MeasureAsync(data, Shards + standby, signal, rounds);
                Console.WriteLine($"| {(signal == Kill ? "`kill -9`" : "`kill -STOP`, the stream stays open")} | {standby} | {step:0.0} "
                    + $"ms | {Median(waits):0} ms ({waits.Min():0} to {waits.Max():0}) |");
            }
        }

        folder.Delete(recursive: true);
        return 0;
    }

    public void Report(RunEvent value)
    {
        switch (value)
        {
            case RunEvent.Listening listening:
                _address.TrySetResult(listening.Address);
                break;
            case RunEvent.WorkerReady:
                _ready.Release();
                break;
            case RunEvent.StepCompleted:
                lock (_steps)
                    _steps.Add(Stopwatch.GetTimestamp());
                break;
        }
    }

    public void Dispose()
    {
        foreach (Process worker in _workers)
        {
            worker.Kill();
            worker.Dispose();
        }

        _ready.Dispose();
    }

    private async Task<(double Step, List<double> Waits)> MeasureAsync(Dataset data, int workers, int signal, int rounds)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-bench-");
        using var stop = new CancellationTokenSource();
        var options = new TrainingOptions
        {
            Spec = new RunSpec
            {
                Model = ModelSpec.Parse("784-256-10", keepProb: 0.5),
                Seed = 1,
                BatchSize = 128,
                Shards = Shards,
                TotalSteps = 10_000_000,
                Optimizer = new SgdSpec { LearningRate = 0.01, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 0 },
                Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples },
            },
            Data = data,
            CheckpointDirectory = folder.FullName,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            MinWorkers = workers,
            ReportSteps = true,
        };
        Task<RunResult> run = TrainingHost.RunAsync(options, this, NullLoggerFactory.Instance, stop.Token);
        var waits = new List<double>();
        var usual = new List<double>();
        for (int i = 0; i < workers; i++)
            await StartAsync();
        for (int round = 0; round < rounds; round++)
        {
            await Task.Delay(Settle);
            Process victim = _workers[0];
            _workers.RemoveAt(0);
            long lost = Stopwatch.GetTimestamp();
            _ = SendSignal(victim.Id, signal);
            await Task.Delay(Around);
            victim.Kill();
            victim.Dispose();
            lock (_steps)
            {
                usual.Add(Median(Gaps(_steps.Where(time => time < lost).TakeLast(200))));
                waits.Add(Gaps(_steps.Where(time => Stopwatch.GetElapsedTime(time, lost) < TimeSpan.FromSeconds(0.1))).Max());
                _steps.Clear();
            }

            await StartAsync();
        }

        await stop.CancelAsync();
        await run;
        folder.Delete(recursive: true);
        return (Median(usual), waits);
    }

    private async Task StartAsync()
    {
        _workers.Add(Process.Start(new ProcessStartInfo(
            program, ["worker", "--join", await _address.Task, "--lanes", "1", "--quiet"])
        { RedirectStandardError = true })!);
        await _ready.WaitAsync();
    }

    private static List<double> Gaps(IEnumerable<long> times)
    {
        long[] sorted = [.. times];
        return [.. sorted.Skip(1).Select((time, i) => Stopwatch.GetElapsedTime(sorted[i], time).TotalMilliseconds)];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int id, int signal);
}
