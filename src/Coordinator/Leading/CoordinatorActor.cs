using System.Diagnostics;
using Akka.Actor;
using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>
/// Runs a run's <see cref="Coordination"/> while this coordinator leads. Owns the actors of the other roles. Receives their messages, and
/// those of workers and peers that the leadership forwards. If a child fails, the run fails.
/// </summary>
internal sealed class CoordinatorActor : UntypedActor, IWithTimers
{
    private readonly CoordinatorContext _context;
    private readonly RunMeter _meter;
    private readonly Func<IMailbox, IFollowers> _lead;
    private Coordination _coordination = null!;

    /// <param name="context">The run.</param>
    /// <param name="meter">The run's metrics.</param>
    /// <param name="lead">Admits followers, and reports them to the given mailbox.</param>
    public static Props Props(CoordinatorContext context, RunMeter meter, Func<IMailbox, IFollowers> lead) =>
        Akka.Actor.Props.Create(() => new CoordinatorActor(context, meter, lead));

    public CoordinatorActor(CoordinatorContext context, RunMeter meter, Func<IMailbox, IFollowers> lead)
    {
        _context = context;
        _meter = meter;
        _lead = lead;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Time of a monotonic clock.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    protected override void PreStart()
    {
        var self = new ActorMailbox(Self);
        (TrainingOptions options, RunState state) = (_context.Options, _context.State);
        var gradients = new GradientPool(state.Layout.TrainableLength);
        IActorRef checkpointer = Context.ActorOf(CheckpointerActor.Props(options, state, _meter, self), "checkpointer");
        var evaluator = new ActorMailbox(Context.ActorOf(EvaluatorActor.Props(options, state.Layout, self), "evaluator"));
        var parameterServer = new ActorMailbox(Context.ActorOf(
            ParameterServerActor.Props(options, state, _meter, gradients, self, evaluator, new ActorMailbox(checkpointer)),
            "parameter-server"));
        var sharedData = new Lazy<SharedExamples?>(
            () => options.SharesMemory ? SharedExamples.TryCreate(_context.Data.Value.Examples) : null);
        var links = new LinkContext(
            options.Spec, state, _context.Data, sharedData, gradients, self, parameterServer, TimeProvider.System);
        var ports = new CoordinationPorts(
            parameterServer, evaluator, _lead(self),
            (worker, stream, start) =>
            {
                var link = new WorkerLink(worker, stream, links, start);
                LinkThreads.Start(link);
                return link;
            },
            result => _context.Result.TrySetResult(result));
        _coordination = new Coordination(_context, ports, _meter, Now);
        Timers.StartPeriodicTimer(nameof(CoordinationTick), CoordinationTick.Instance, CoordinationTick.Every);
    }

    protected override void PostStop()
    {
        _coordination.Stop();
        _context.Result.TrySetException(new InvalidOperationException("The coordinator stopped before the run ended."));
    }

    protected override void OnReceive(object message)
    {
        if (message is CoordinationTick)
            _coordination.Tick(Now);
        else if (message is ChildFailed failed)
            _context.Result.TrySetException(failed.Cause);
        else
            _coordination.Receive(message, Now);
        if (RunProgressed.After(message, _coordination, _context.State.Term) is { } progressed)
            Context.Parent.Tell(progressed);
    }

    protected override SupervisorStrategy SupervisorStrategy()
    {
        IActorRef self = Self;
        return new OneForOneStrategy(cause =>
        {
            self.Tell(new ChildFailed(cause));
            return Directive.Stop;
        });
    }

    private sealed record ChildFailed(Exception Cause);
}
