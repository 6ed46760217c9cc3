using Akka.Actor;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Training;

namespace Lockstep.Coordinator;

/// <summary>
/// Evaluates weights on the validation and the test images, dropout off, on a thread of its own while training goes on.
/// Receives weights from the parameter server and the coordinator, lets go of them when done, and answers to the coordinator.
/// </summary>
internal sealed class EvaluatorActor : UntypedActor
{
    private readonly Dataset _data;
    private readonly Evaluator _evaluator;
    private readonly IActorRef _coordinator;

    public static Props Props(TrainingOptions options, ParameterLayout layout, IActorRef coordinator) =>
        Akka.Actor.Props.Create(() => new EvaluatorActor(options, layout, coordinator)).WithDispatcher(Dispatchers.Evaluator);

    public EvaluatorActor(TrainingOptions options, ParameterLayout layout, IActorRef coordinator) =>
        (_data, _evaluator, _coordinator) = (options.Data, new Evaluator(options.Spec.Model, layout), coordinator);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EvaluateMetrics evaluate:
                EvaluationResult result = Validate(evaluate.Weights);
                evaluate.Weights.Release();
                _coordinator.Tell(new MetricsReady(evaluate.Partial with { ValidationLoss = result.Loss, ValidationAccuracy = result.Accuracy }));
                break;
            case EvaluateFinal evaluate:
                EvaluationResult validation = Validate(evaluate.Weights);
                EvaluationResult test = _evaluator.Evaluate(evaluate.Weights.Buffer.Span, _data.Test, 0, _data.Test.Count);
                evaluate.Weights.Release();
                _coordinator.Tell(new FinalEvaluationReady(validation.Accuracy, test.Accuracy));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private EvaluationResult Validate(WeightsVersion weights) =>
        _evaluator.Evaluate(weights.Buffer.Span, _data.Training, _data.TrainingExamples, _data.ValidationExamples);
}
