using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Evaluating;

/// <summary>
/// Evaluates weights on the validation and test images, without dropout, while training continues. Receives weights from the parameter
/// server and the coordination, releases them when done, and reports the results to the coordination.
/// </summary>
internal sealed class Evaluator(TrainingOptions options, ParameterLayout layout, IMailbox coordinator)
{
    private readonly Dataset _data = options.Data;
    private readonly Model.Evaluation.Evaluator _evaluator = new(options.Spec.Model, layout, options.Spec.Loss);

    /// <summary>Handles a message; ignores unknown ones.</summary>
    public void Receive(object message)
    {
        switch (message)
        {
            case EvaluateMetrics evaluate:
                EvaluationResult result = Validate(evaluate.Weights);
                evaluate.Weights.Release();
                coordinator.Tell(new MetricsReady(evaluate.Partial with
                {
                    ValidationLoss = result.Loss,
                    ValidationAccuracy = result.Accuracy,
                    ValidationR2 = result.R2,
                }));
                evaluate.ReplyTo.Tell(new EvaluationDone(evaluate.Partial.Step, result));
                break;
            case EvaluateFinal evaluate:
                EvaluationResult validation = Validate(evaluate.Weights);
                EvaluationResult test = _evaluator.Evaluate(evaluate.Weights.Buffer.Span, _data.Test, 0, _data.Test.Count);
                string? warning = Chance.Warning(
                    test, _data, options.Spec.ClassWeights,
                    examples => _evaluator.Evaluate(evaluate.Weights.Buffer.Span, examples, 0, examples.Count));
                evaluate.Weights.Release();
                coordinator.Tell(new FinalEvaluationReady(validation, test, warning));
                break;
        }
    }

    private EvaluationResult Validate(WeightsVersion weights) =>
        _evaluator.Evaluate(weights.Buffer.Span, _data.Training, _data.TrainingExamples, _data.ValidationExamples);
}
