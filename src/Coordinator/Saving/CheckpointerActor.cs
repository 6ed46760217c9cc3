using Akka.Actor;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Saving;

/// <summary>Runs a <see cref="Checkpointer"/> on its own thread. If it fails, the coordinator fails the run.</summary>
internal sealed class CheckpointerActor : UntypedActor
{
    private readonly Checkpointer _checkpointer;

    public static Props Props(TrainingOptions options, RunState state, RunMeter meter, IMailbox coordinator) =>
        Akka.Actor.Props.Create(() => new CheckpointerActor(options, state, meter, coordinator)).WithDispatcher(Dispatchers.Checkpointer);

    public CheckpointerActor(TrainingOptions options, RunState state, RunMeter meter, IMailbox coordinator) =>
        _checkpointer = new Checkpointer(
            options, state, meter, CheckpointerFiles.Of(options, Disk.OfThisMachine), TimeProvider.System, coordinator);

    protected override void PostStop() => _checkpointer.Stop();

    protected override void OnReceive(object message) => _checkpointer.Receive(message);
}
