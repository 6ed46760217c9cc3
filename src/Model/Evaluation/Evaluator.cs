using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Losses;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Evaluation;

/// <summary>
/// Runs a model forward without dropout. It owns its memory: use one per thread; a call allocates next to nothing. Results do not depend on
/// how the examples are split into calls, except for the order in which losses are added.
/// </summary>
public sealed class Evaluator
{
    // Examples that pass through the layers together; few enough that their activations stay in the cache.
    private const int ChunkRows = 128;

    private readonly ModelSpec _model;
    private readonly ParameterLayout _layout;
    private readonly Loss _loss;
    private readonly bool _hasTargets;
    private readonly Network _network;
    private readonly int[] _indices = new int[ChunkRows];

    /// <summary>An evaluator of a model.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="loss">The loss that it was trained with.</param>
    public Evaluator(ModelSpec model, ParameterLayout layout, LossKind loss = LossKind.SoftmaxCrossEntropy)
        : this(model, layout, KernelDispatch.Width, loss)
    {
    }

    internal Evaluator(ModelSpec model, ParameterLayout layout, SimdWidth width, LossKind loss = LossKind.SoftmaxCrossEntropy)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layout);
        _model = model;
        _layout = layout;
        _network = new Network(layout, width);
        _hasTargets = loss == LossKind.TargetSquaredError;
        _loss = Loss.Of(loss, model.Classes, _network.OutputStride, width);
    }

    /// <summary>Loss and accuracy, or R², on the <paramref name="count"/> examples from <paramref name="first"/> on.</summary>
    /// <exception cref="ArgumentException">The examples or the weights do not fit the model.</exception>
    public EvaluationResult Evaluate(ReadOnlySpan<float> weights, Examples examples, int first, int count)
    {
        Check(weights, examples, first, count);
        NodeStatistics statistics = default;
        TargetErrors? errors = _hasTargets ? new TargetErrors(_model.Classes) : null;
        for (int start = first, end = first + count; start < end; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, end - start);
            Span<float> logits = Forward(weights, examples, start, rows);
            _loss.Load(examples, _indices.AsSpan(0, rows));
            errors?.Add(logits, _network.OutputStride, examples.Targets.Slice(start * _model.Classes, rows * _model.Classes));
            statistics = _loss.Run(logits, 0, rows, statistics);
        }

        // At most count.
        return new EvaluationResult(statistics.LossSum, (int)statistics.Correct, (int)statistics.Examples)
        {
            Targets = errors?.Scores(examples, first, count),
        };
    }

    /// <summary>
    /// The logits, the sums of the last layer, of the <paramref name="count"/> examples from <paramref name="first"/> on.
    /// </summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="first">First example.</param>
    /// <param name="count">Number of examples.</param>
    /// <param name="destination">[count, classes], without padding.</param>
    /// <exception cref="ArgumentException">The examples, the weights or the destination do not fit the model.</exception>
    public void Logits(ReadOnlySpan<float> weights, Examples examples, int first, int count, Span<float> destination)
    {
        Check(weights, examples, first, count);
        int classes = _model.Classes, stride = _network.OutputStride;
        if (destination.Length != (long)count * classes)
            throw new ArgumentException(
                $"{destination.Length} logits for {count} examples of {classes} classes; expected {(long)count * classes}.",
                nameof(destination));
        for (int start = 0; start < count; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, count - start);
            Span<float> logits = Forward(weights, examples, first + start, rows);
            for (int row = 0; row < rows; row++)
                logits.Slice(row * stride, classes).CopyTo(destination[((start + row) * classes)..]);
        }
    }

    /// <summary>The class probabilities of the <paramref name="count"/> examples from <paramref name="first"/> on.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="first">First example.</param>
    /// <param name="count">Number of examples.</param>
    /// <param name="probabilities">[count, classes], without padding; each row sums to 1.</param>
    /// <exception cref="ArgumentException">The examples, the weights or the destination do not fit the model.</exception>
    public void Probabilities(ReadOnlySpan<float> weights, Examples examples, int first, int count, Span<float> probabilities) =>
        Predict(weights, examples, first, count, probabilities, answers: default);

    /// <summary>Probabilities and predicted classes of the <paramref name="count"/> examples from <paramref name="first"/> on.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="first">First example.</param>
    /// <param name="count">Number of examples.</param>
    /// <param name="probabilities">[count, classes], without padding; each row sums to 1.</param>
    /// <param name="answers">
    /// [count] predicted classes: the first of the largest logits, as <see cref="Evaluate"/> counts; or empty. It can differ from the
    /// largest probability if two probabilities round to the same number.
    /// </param>
    /// <exception cref="ArgumentException">The examples, the weights or a destination do not fit the model.</exception>
    public void Predict(ReadOnlySpan<float> weights, Examples examples, int first, int count, Span<float> probabilities, Span<int> answers)
    {
        Check(weights, examples, first, count);
        int classes = _model.Classes, stride = _network.OutputStride;
        if (probabilities.Length != (long)count * classes)
            throw new ArgumentException(
                $"{probabilities.Length} probabilities for {count} examples of {classes} classes; expected {(long)count * classes}.",
                nameof(probabilities));
        if (!answers.IsEmpty && answers.Length != count)
            throw new ArgumentException($"{answers.Length} answers for {count} examples; expected {count}.", nameof(answers));
        for (int start = 0; start < count; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, count - start);
            Span<float> logits = Forward(weights, examples, first + start, rows);
            for (int row = 0; row < rows && !answers.IsEmpty; row++)
                answers[start + row] = IndexOfMax(logits.Slice(row * stride, classes));
            _loss.Predict(logits, rows);
            for (int row = 0; row < rows; row++)
                logits.Slice(row * stride, classes).CopyTo(probabilities[((start + row) * classes)..]);
        }
    }

    // As in the loss: a NaN is never greater.
    private static int IndexOfMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int c = 1; c < logits.Length; c++)
        {
            if (logits[c] > logits[best])
                best = c;
        }

        return best;
    }

    private Span<float> Forward(ReadOnlySpan<float> weights, Examples examples, int first, int rows)
    {
        Span<int> indices = _indices.AsSpan(0, rows);
        for (int i = 0; i < rows; i++)
            indices[i] = first + i;
        _network.Load(examples, indices, rows: null);
        _network.Forward(weights, [0, rows], isTraining: false);
        return _network.Output;
    }

    private void Check(ReadOnlySpan<float> weights, Examples examples, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (weights.Length != _layout.Length)
            throw new ArgumentException($"{weights.Length} weights; the layout of {_model} has {_layout.Length}.", nameof(weights));
        if (!_model.Takes(examples.Shape))
            throw new ArgumentException(
                $"Examples have {examples.SizeText}; the model {_model} takes {_model.InputShape}.", nameof(examples));
        if (first < 0 || count < 0 || (long)first + count > examples.Count)
            throw new ArgumentOutOfRangeException(nameof(count), $"Examples {first} to {(long)first + count} of {examples.Count}.");
    }
}
