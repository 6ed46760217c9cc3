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
internal sealed class EvaluatorActor : ReceiveActor
{
    private readonly Dataset _data;
    private readonly Evaluator _evaluator;

    public static Props Props(TrainingOptions options, ParameterLayout layout, IActorRef coordinator) =>
        Akka.Actor.Props.Create(() => new EvaluatorActor(options, layout, coordinator)).WithDispatcher(Dispatchers.Evaluator);

    public EvaluatorActor(TrainingOptions options, ParameterLayout layout, IActorRef coordinator)
    {
        _data = options.Data;
        _evaluator = new Evaluator(options.Spec.Model, layout);

        Receive<EvaluateMetrics>(message =>
        {
            EvaluationResult result = Validate(message.Weights);
            message.Weights.Release();
            coordinator.Tell(new MetricsReady(message.Partial with { ValidationLoss = result.Loss, ValidationAccuracy = result.Accuracy }));
        });
        Receive<EvaluateFinal>(message =>
        {
            EvaluationResult validation = Validate(message.Weights);
            EvaluationResult test = _evaluator.Evaluate(message.Weights.Buffer.Span, _data.Test, 0, _data.Test.Count);
            message.Weights.Release();
            coordinator.Tell(new FinalEvaluationReady(validation.Accuracy, test.Accuracy));
        });
    }

    private EvaluationResult Validate(WeightsVersion weights) =>
        _evaluator.Evaluate(weights.Buffer.Span, _data.Training, _data.TrainingExamples, _data.ValidationExamples);
}
