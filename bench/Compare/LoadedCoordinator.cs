using System.Diagnostics;
using System.Diagnostics.Metrics;
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

    /// <summary>The model.</summary>
    public string Model { get; init; } = "784-256-10";

    /// <summary>How weights and gradients travel.</summary>
    public Transport Transport { get; init; } = Transport.Stream;

    /// <summary>Whether each worker, and the coordinator, is behind a line of its own of <see cref="SlowLines"/>.</summary>
    public bool HasLines { get; init; }
}

/// <summary>What a step takes.</summary>
/// <param name="Wall">Microseconds of it.</param>
/// <param name="Own">Microseconds of the coordinator's processor time meanwhile.</param>
/// <param name="Idle">What it takes in the same time without steps, for timers and pings.</param>
/// <param name="Bytes">Bytes that pass its line, both ways.</param>
internal readonly record struct LoadedStep(double Wall, double Own, double Idle, double Bytes);

/// <summary>The real parameter server, worker links and tensor streams, and workers in another process that compute nothing.</summary>
internal static class LoadedCoordinator
{
    private const int WarmUp = 10, Least = 10;
    private const double LeastInSlices = 0.95;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(4), Settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>The run and term of every measurement.</summary>
    public static FrameOrigin Origin { get; } = new(77, 1);

    /// <summary>Measures steps for some seconds.</summary>
    public static async Task<LoadedStep> MeasureAsync(Dataset data, SimulatedCluster cluster)
    {
        int workers = cluster.Workers;
        var options = new TrainingOptions
        {
            Spec = new RunSpec
            {
                Model = ModelSpec.Parse(cluster.Model),
                Seed = 1,
                BatchSize = cluster.BatchSize,
                Shards = cluster.Shards,
                TotalSteps = 1_000_000,
                Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 1e-4 },
                Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples },
            },
            Data = data,
            CheckpointDirectory = "",
            Transport = cluster.Transport,
            TraceFile = "none", // Steps are hashed; nobody writes them.
            ReportSteps = true,
        };
        var state = new RunState(options, Origin.Run, Origin.Term);
        // They are not computed on: blank ones take little time to send.
        int count = data.TrainingExamples;
        var blank = ImageSet.FromDense(new byte[count * 784], new byte[count], 28, 28);
        var images = new Lazy<TrainingData>(() => new TrainingData(blank, blank.Digest()));

        using Socket listener = Listen(cluster);
        using Process others = SelfProcess.Start(
        [
            "simulated-workers", $"{listener.LocalEndPoint}", $"{workers}",
            cluster.ShardMicroseconds.ToString(CultureInfo.InvariantCulture),
            .. cluster.HasLines ? new[] { $"{Environment.ProcessId}" } : [],
        ]);
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
            await StepCount.WaitForAsync(() => steps.Ready, workers, Deadline);
            server.Tell(new ChangeWorkers([.. links.Keys.Select(worker => new StepWorker(worker, Lanes: 1))], links));
            using var sliced = new SlicedStepCount();
            await StepCount.WaitForAsync(() => steps.Value, WarmUp, Deadline);
            if (cluster.Transport == Transport.Slices)
                await StepCount.WaitForAsync(() => sliced.Complete, WarmUp, Deadline);
            long inSlices = sliced.Complete;
            long bytesBefore = Bytes();

            (
                long before, TimeSpan ownBefore,
                long start) = (steps.Value, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
            await Task.Delay(Time); // Looking takes processor time, too.
            await StepCount.WaitForAsync(() => steps.Value, before + Least, Deadline);
            (
                long after, TimeSpan ownAfter,
                TimeSpan elapsed) = (steps.Value, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetElapsedTime(start));
            if (cluster.Transport == Transport.Slices && sliced.Complete - inSlices < (after - before) * LeastInSlices)
                Console.WriteLine($"Only {sliced.Complete - inSlices} of {after - before} steps were made in slices. {steps.Problem}");
            double bytes = Bytes() - bytesBefore;

            await server.GracefulStop(Deadline);
            await Task.Delay(Settling);
            (TimeSpan idleBefore, long still) = (Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
            await Task.Delay(Time);
            double idle = (Process.GetCurrentProcess().TotalProcessorTime - idleBefore) / Stopwatch.GetElapsedTime(still);
            double wall = elapsed.TotalMicroseconds / (after - before);
            return new LoadedStep(wall, (ownAfter - ownBefore).TotalMicroseconds / (after - before), idle * wall, bytes / (after - before));
        }
        finally
        {
            await server.GracefulStop(Deadline);
            foreach (WorkerLink link in links.Values)
                link.Dispose();
            await system.Terminate();
            others.WaitForExit();
        }

        long Bytes() => links.Values.Sum(link => link.BytesSent + link.BytesReceived);
    }

    /// <summary>Listens behind the first line, if there are any.</summary>
    private static Socket Listen(SimulatedCluster cluster)
    {
        Socket? listener = null;
        var thread = new Thread(() =>
        {
            if (cluster.HasLines)
                SlowLines.Enter(SlowLines.Name(0));
            listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(cluster.HasLines ? SlowLines.Address(0) : IPAddress.Loopback, 0));
            listener.Listen(cluster.Workers);
        });
        thread.Start();
        thread.Join();
        return listener!;
    }

    /// <summary>Stands for coordinator, evaluator and checkpointer.</summary>
    private sealed class Sink : ReceiveActor
    {
        public Sink(StepCount steps)
        {
            Receive<StepDone>(done => steps.Value = done.Step);
            Receive<LinkReady>(_ => steps.Ready++);
            Receive<SliceLinksChanged>(changed => steps.Problem = $"Worker {changed.Worker} about {changed.Unreachable}: {changed.Problem}");
            Receive<AppendTrace>(append => append.ReplyTo.Tell(new TraceBatchFreed(append.Batch)));
            ReceiveAny(_ => { });
        }
    }

    /// <summary>Steps in which slices were exchanged, by the coordinator's own meter.</summary>
    private sealed class SlicedStepCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _complete;

        public SlicedStepCount()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "lockstep.sliced_steps")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>(
                (_, value, tags, _) => Interlocked.Add(ref _complete, Equals(tags[0].Value, "complete") ? value : 0));
            _listener.Start();
        }

        public long Complete => Interlocked.Read(ref _complete);

        public void Dispose() => _listener.Dispose();
    }

    private sealed class StepCount
    {
        private long _value;

        public long Value
        {
            get => Volatile.Read(ref _value);
            set => Volatile.Write(ref _value, value);
        }

        /// <summary>Why two workers do not exchange slices.</summary>
        public string Problem { get; set; } = "";

        /// <summary>Workers that are ready.</summary>
        public long Ready { get; set; }

        public static async Task WaitForAsync(Func<long> current, long value, TimeSpan deadline)
        {
            long start = Stopwatch.GetTimestamp();
            while (current() < value)
            {
                if (Stopwatch.GetElapsedTime(start) > deadline)
                    throw new TimeoutException($"{value} was not reached within {deadline.TotalSeconds:0} s.");
                await Task.Delay(20);
            }
        }
    }
}
