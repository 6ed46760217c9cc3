using Akka.Actor;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Evaluating;

/// <summary>Runs an <see cref="Evaluator"/> on its own thread. If it fails, the coordinator fails the run.</summary>
internal sealed class EvaluatorActor : UntypedActor
{
    private readonly Evaluator _evaluator;

    public static Props Props(TrainingOptions options, ParameterLayout layout, IMailbox coordinator) =>
        Akka.Actor.Props.Create(() => new EvaluatorActor(options, layout, coordinator)).WithDispatcher(Dispatchers.Evaluator);

    public EvaluatorActor(TrainingOptions options, ParameterLayout layout, IMailbox coordinator) =>
        _evaluator = new Evaluator(options, layout, coordinator);

    protected override void OnReceive(object message) => _evaluator.Receive(message);
}
