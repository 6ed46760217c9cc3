using Akka.Actor;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Server;

/// <summary>Runs a <see cref="ParameterServer"/> on its own thread. If it fails, the coordinator fails the run.</summary>
internal sealed class ParameterServerActor : UntypedActor, IWithTimers
{
    private readonly ParameterServer _server;

    public static Props Props(
        TrainingOptions options, RunState state, RunMeter meter, GradientPool gradients, IMailbox coordinator, IMailbox evaluator,
        IMailbox checkpointer) =>
        Akka.Actor.Props.Create(() => new ParameterServerActor(options, state, meter, gradients, coordinator, evaluator, checkpointer))
            .WithDispatcher(Dispatchers.ParameterServer);

    public ParameterServerActor(
        TrainingOptions options, RunState state, RunMeter meter, GradientPool gradients, IMailbox coordinator, IMailbox evaluator,
        IMailbox checkpointer) =>
        _server = new ParameterServer(
            options, state, meter, gradients, TimeProvider.System,
            new ParameterServerMailboxes(new ActorMailbox(Self), coordinator, evaluator, checkpointer));

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(ParameterServer.Tick), ParameterServer.Tick.Instance, ParameterServer.ReportEvery);
        Timers.StartPeriodicTimer(nameof(ParameterServer.LateCheck), ParameterServer.LateCheck.Instance, ParameterServer.CheckEvery);
        _server.Start();
    }

    protected override void PostStop() => _server.Stop();

    protected override void OnReceive(object message)
    {
        _server.Receive(message);
        if (_server.IsOver)
            Timers.CancelAll();
    }
}
