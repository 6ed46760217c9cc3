using Akka.Actor;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Evaluating;

/// <summary>Runs an <see cref="Evaluator"/> on a thread of its own. If it fails, the run fails: the coordinator stops it.</summary>
internal sealed class EvaluatorActor : UntypedActor
{
    private readonly Evaluator _evaluator;

    public static Props Props(TrainingOptions options, ParameterLayout layout, IMailbox coordinator) =>
        Akka.Actor.Props.Create(() => new EvaluatorActor(options, layout, coordinator)).WithDispatcher(Dispatchers.Evaluator);

    public EvaluatorActor(TrainingOptions options, ParameterLayout layout, IMailbox coordinator) =>
        _evaluator = new Evaluator(options, layout, coordinator);

    protected override void OnReceive(object message) => _evaluator.Receive(message);
}
