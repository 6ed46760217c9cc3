using Akka.Actor;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Saving;

/// <summary>Runs a <see cref="Checkpointer"/> on a thread of its own. If it fails, the run fails: the coordinator stops it.</summary>
internal sealed class CheckpointerActor : UntypedActor
{
    private readonly Checkpointer _checkpointer;

    public static Props Props(TrainingOptions options, RunState state, RunMeter meter, IMailbox coordinator) =>
        Akka.Actor.Props.Create(() => new CheckpointerActor(options, state, meter, coordinator)).WithDispatcher(Dispatchers.Checkpointer);

    public CheckpointerActor(TrainingOptions options, RunState state, RunMeter meter, IMailbox coordinator) =>
        _checkpointer = new Checkpointer(options, state, meter, CheckpointerFiles.Of(options, Disk.OfThisMachine), TimeProvider.System, coordinator);

    protected override void PostStop() => _checkpointer.Stop();

    protected override void OnReceive(object message) => _checkpointer.Receive(message);
}
