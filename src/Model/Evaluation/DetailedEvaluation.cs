using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Evaluation;

/// <summary>Evaluation of a model class by class, with its worst mistakes.</summary>
/// <param name="Result">Loss and accuracy, or R².</param>
/// <param name="Confusion">Every example by true and predicted class; empty with targets.</param>
/// <param name="WorstMistakes">
/// The worst mistakes, the worst first (<see cref="Mistake.WorstFirst"/>); all if there are fewer than requested.
/// </param>
public sealed record DetailedEvaluation(EvaluationResult Result, ConfusionMatrix Confusion, IReadOnlyList<Mistake> WorstMistakes)
{
    // Examples whose probabilities are in memory at one time.
    private const int BlockExamples = 1024;

    /// <summary>Runs the model over all examples of a set.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="examples">The examples; their labels are classes of the model.</param>
    /// <param name="mistakes">Number of worst mistakes to keep, at least 0.</param>
    /// <param name="loss">The loss that the model was trained with.</param>
    /// <exception cref="ArgumentException">The examples or the weights do not fit the model.</exception>
    public static DetailedEvaluation Of(
        ModelSpec model, ParameterLayout layout, ReadOnlySpan<float> weights, Examples examples, int mistakes,
        LossKind loss = LossKind.SoftmaxCrossEntropy)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfNegative(mistakes);
        var evaluator = new Evaluator(model, layout, loss);
        EvaluationResult result = evaluator.Evaluate(weights, examples, 0, examples.Count);
        var confusion = new ConfusionMatrix(model.Classes);
        var worst = new SortedSet<Mistake>(Mistake.WorstFirst);
        float[] probabilities = new float[BlockExamples * model.Classes];
        int[] answers = new int[BlockExamples];
        if (result.Targets is not null)
            return new DetailedEvaluation(result, confusion, []);
        for (int start = 0; start < examples.Count; start += BlockExamples)
        {
            int count = Math.Min(BlockExamples, examples.Count - start);
            evaluator.Predict(weights, examples, start, count, probabilities.AsSpan(0, count * model.Classes), answers.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                (int label, int answer, int row) = (examples.Labels[start + i], answers[i], i * model.Classes);
                confusion.Add(label, answer);
                if (label == answer)
                    continue;
                _ = worst.Add(new Mistake(start + i, label, answer, probabilities[row + answer], probabilities[row + label]));
                if (worst.Count > mistakes)
                    _ = worst.Remove(worst.Max);
            }
        }

        return new DetailedEvaluation(result, confusion, [.. worst]);
    }
}
