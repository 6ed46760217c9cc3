using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Lockstep.Coordinator;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;

namespace Lockstep.Bench.Compare;

/// <summary>Who takes part in a step that only the coordinator has work with.</summary>
internal sealed record SimulatedCluster
{
    public required int Workers { get; init; }

    public required int Shards { get; init; }

    public required int BatchSize { get; init; }

    /// <summary>Time that a worker lets pass for each shard that it is asked for, in place of computing.</summary>
    public double ShardMicroseconds { get; init; }

    /// <summary>Address of this process that the workers connect to.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Network namespace of the workers' process; null for this one.</summary>
    public string? Namespace { get; init; }
}

/// <summary>The real parameter server, worker links and tensor streams, and workers in another process that compute nothing.</summary>
internal static class LoadedCoordinator
{
    private const int WarmUp = 10, Least = 10;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Microseconds of a step, and of the coordinator's processor time in it.</summary>
    public static async Task<(double Wall, double Own)> MeasureAsync(Dataset data, SimulatedCluster cluster)
    {
        int workers = cluster.Workers;
        var options = new TrainingOptions
        {
            Spec = new RunSpec
            {
                Model = ModelSpec.Parse("784-256-10"),
                Seed = 1,
                BatchSize = cluster.BatchSize,
                Shards = cluster.Shards,
                TotalSteps = 1_000_000,
                Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 1e-4 },
                Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples },
            },
            Data = data,
            CheckpointDirectory = "",
            TraceFile = "none", // Steps are hashed; nobody writes them.
            ReportSteps = true,
        };
        var state = new RunState(options, RunState.NewRun(), term: 1);
        // They are not computed on: blank ones take little time to send.
        int count = data.TrainingExamples;
        var blank = ImageSet.FromDense(new byte[count * 784], new byte[count], 28, 28);
        var images = new Lazy<TrainingData>(() => new TrainingData(blank, blank.Digest()));

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(cluster.Address, 0));
        listener.Listen(workers);
        using Process others = SelfProcess.Start(
            ["simulated-workers", $"{listener.LocalEndPoint}", $"{workers}", cluster.ShardMicroseconds.ToString(
                CultureInfo.InvariantCulture)],
            cluster.Namespace);
        using ActorSystem system = ActorSystem.Create("overhead", Dispatchers.Config.WithFallback("akka.loglevel = WARNING"));
        var steps = new StepCount();
        IActorRef sink = system.ActorOf(Props.Create(() => new Sink(steps)));
        var gradients = new GradientPool(state.Layout.TrainableLength);
        using var meter = new RunMeter(state, options.Spec.TotalSteps);
        var mailbox = new ActorMailbox(sink);
        IActorRef server = system.ActorOf(ParameterServerActor.Props(options, state, meter, gradients, mailbox, mailbox, mailbox));
        var context = new LinkContext(
            options.Spec, state, images, new Lazy<SharedExamples?>(() => null), gradients, mailbox, new ActorMailbox(server),
            TimeProvider.System);
        var links = new Dictionary<WorkerId, WorkerLink>();
        try
        {
            for (int i = 1; i <= workers; i++)
                links.Add(new WorkerId(i), new WorkerLink(new WorkerId(i), new TensorConnection(listener.Accept()), context, default));
            foreach (WorkerLink link in links.Values)
                LinkThreads.Start(link);
            server.Tell(new ChangeWorkers([.. links.Keys.Select(worker => new StepWorker(worker, Lanes: 1))], links));
            await steps.WaitForAsync(WarmUp, Deadline);

            (
                long before, TimeSpan ownBefore,
                long start) = (steps.Value, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
            await steps.WaitForAsync(before + Least, Deadline);
            TimeSpan left = Time - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
                await Task.Delay(left);
            (
                long after, TimeSpan ownAfter,
                TimeSpan elapsed) = (steps.Value, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetElapsedTime(start));
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
            Receive<AppendTrace>(append => append.ReplyTo.Tell(new TraceBatchFreed(append.Batch)));
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
