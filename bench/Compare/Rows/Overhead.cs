using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Lockstep.Coordinator;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row h: what a step costs besides computing, as workers grow. The real parameter server, worker links and tensor streams, over loopback, and
/// workers in another process that answer at once. One shard a worker, so that shards and batch grow with them.
/// </summary>
internal static class Overhead
{
    private static readonly int[] Counts = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        var wall = new List<Series>();
        var own = new List<Series>();
        foreach (int count in Counts)
        {
            (double wallMicroseconds, double ownMicroseconds) = await MeasureAsync(context.Data, count);
            wall.Add(new Series($"{count} workers: a step", "us", [wallMicroseconds]));
            own.Add(new Series($"{count} workers: processor time of the coordinator in a step", "us", [ownMicroseconds]));
        }

        double[] perWorker = [.. own.Select((series, i) => series.Median / Counts[i])];
        // Least squares of processor time over workers.
        double meanX = Counts.Average(), meanY = own.Average(series => series.Median);
        double slope = Counts.Zip(own, (count, series) => (count - meanX) * (series.Median - meanY)).Sum() / Counts.Sum(count => (count - meanX) * (count - meanX));
        return
        [
            new Finding
            {
                Row = "h",
                What = "processor time of the coordinator for a step and a worker, with 256 workers over with 8",
                Figure = new Series("ratio", "", [perWorker[^1] / perWorker[3]]),
                Goal = Goal.Most(1.1), // Flat, within what times waver by.
                Measured = [.. wall, .. own],
                Note = "784-256-10; the workers compute nothing and share the machine with the coordinator",
            },
            new Finding { Row = "h", What = "slope: processor time of the coordinator for each further worker in a step", Figure = new Series("slope", "us", [slope]) },
            new Finding
            {
                Row = "h",
                What = "steps a second at which one coordinator on this machine is all busy, with 256 workers",
                Figure = new Series("limit", "steps/s", [Environment.ProcessorCount * 1e6 / own[^1].Median]),
            },
        ];
    }

    private static async Task<(double Wall, double Own)> MeasureAsync(Dataset data, int workers)
    {
        var options = new TrainingOptions
        {
            Spec = new RunSpec
            {
                Model = ModelSpec.Parse("784-256-10"),
                Seed = 1,
                BatchSize = 64 * workers,
                Shards = workers,
                TotalSteps = 1_000_000,
                Optimizer = new OptimizerSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 1e-4 },
                Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples },
            },
            Data = data,
            CheckpointDirectory = "",
            TraceFile = "none", // Steps are hashed; nobody writes them.
            ReportSteps = true,
        };
        var state = new RunState(options);
        var images = new Lazy<TrainingImages>(() => TrainingImages.Of(data, 1)); // They are not computed on.
        var coordinator = new CoordinatorContext(options, state, images, new StreamTokens(), "", 0, new Progress<RunEvent>(), new());

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(workers);
        using Process others = SelfProcess.Start(["simulated-workers", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", $"{workers}"]);
        using ActorSystem system = ActorSystem.Create("overhead", Dispatchers.Config.WithFallback("akka.loglevel = WARNING"));
        var steps = new StepCount();
        IActorRef sink = system.ActorOf(Props.Create(() => new Sink(steps)));
        var gradients = new GradientPool(state.Layout.TrainableLength);
        using var meter = new RunMeter(state, options.Spec.TotalSteps);
        IActorRef server = system.ActorOf(ParameterServerActor.Props(options, state, meter, gradients, sink, sink, sink));
        var links = new Dictionary<WorkerId, WorkerLink>();
        try
        {
            for (int i = 1; i <= workers; i++)
                links.Add(new WorkerId(i), new WorkerLink(new WorkerId(i), new TensorConnection(listener.Accept()), coordinator, gradients, sink, server));
            foreach (WorkerLink link in links.Values)
                link.Start();
            server.Tell(new ChangeWorkers([.. links.Keys.Select(worker => new StepWorker(worker, Lanes: 1))], links));
            await steps.WaitForAsync(20, Deadline);

            (long before, TimeSpan ownBefore, long start) = (steps.Value, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
            await steps.WaitForAsync(before + 10, Deadline);
            TimeSpan left = Time - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
                await Task.Delay(left);
            (long after, TimeSpan ownAfter, TimeSpan elapsed) = (steps.Value, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetElapsedTime(start));
            return (elapsed.TotalMicroseconds / (after - before), (ownAfter - ownBefore).TotalMicroseconds / (after - before));
        }
        finally
        {
            await server.GracefulStop(Deadline);
            foreach (WorkerLink link in links.Values)
                link.Dispose();
            await system.Terminate();
            others.WaitForExit();
        }
    }

    /// <summary>Stands for coordinator, evaluator and checkpointer.</summary>
    private sealed class Sink : ReceiveActor
    {
        public Sink(StepCount steps)
        {
            Receive<StepDone>(done => steps.Value = done.Step);
            Receive<AppendTrace>(append => Sender.Tell(new TraceBatchFreed(append.Batch)));
            ReceiveAny(_ => { });
        }
    }

    private sealed class StepCount
    {
        private long _value;

        public long Value
        {
            get => Volatile.Read(ref _value);
            set => Volatile.Write(ref _value, value);
        }

        public async Task WaitForAsync(long value, TimeSpan deadline)
        {
            long start = Stopwatch.GetTimestamp();
            while (Value < value)
            {
                if (Stopwatch.GetElapsedTime(start) > deadline)
                    throw new TimeoutException($"Step {value} was not reached within {deadline.TotalSeconds:0} s.");
                await Task.Delay(1);
            }
        }
    }
}
