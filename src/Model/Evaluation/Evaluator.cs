using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Losses;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Evaluation;

/// <summary>
/// Runs a model forward, dropout off. It owns the memory it works in: one per thread, nothing allocated per call.
/// Results do not depend on how the images are cut into calls, but for the order in which losses are added.
/// </summary>
public sealed class Evaluator
{
    // Images that go through the layers together; small enough that their activations stay in the cache.
    private const int ChunkRows = 128;

    private readonly ModelSpec _model;
    private readonly ParameterLayout _layout;
    private readonly SimdWidth _width;
    private readonly Network _network;
    private readonly int[] _examples = new int[ChunkRows];

    /// <summary>An evaluator of a model.</summary>
    public Evaluator(ModelSpec model, ParameterLayout layout)
        : this(model, layout, KernelDispatch.Width)
    {
    }

    internal Evaluator(ModelSpec model, ParameterLayout layout, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layout);
        (_model, _layout, _width) = (model, layout, width);
        _network = new Network(layout, width);
    }

    /// <summary>Loss and accuracy on the images from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    /// <exception cref="ArgumentException">The images or the weights do not fit the model.</exception>
    public EvaluationResult Evaluate(ReadOnlySpan<float> weights, ImageSet images, int first, int count)
    {
        Check(weights, images, first, count);
        NodeStatistics statistics = default;
        for (int start = first, end = first + count; start < end; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, end - start);
            Span<float> logits = Forward(weights, images, start, rows);
            statistics = SoftmaxCrossEntropy.Run(_width, logits, images.Labels.Slice(start, rows), _model.Classes, _layout.Layers[^1].Weights.Stride, statistics);
        }

        return new EvaluationResult(statistics.LossSum, (int)statistics.Correct, (int)statistics.Examples); // No more than count.
    }

    /// <summary>The logits, that is the sums of the last layer, for the images from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="images">The images.</param>
    /// <param name="first">First image.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="destination">[count, classes], without padding.</param>
    /// <exception cref="ArgumentException">The images, the weights or the destination do not fit the model.</exception>
    public void Logits(ReadOnlySpan<float> weights, ImageSet images, int first, int count, Span<float> destination)
    {
        Check(weights, images, first, count);
        int classes = _model.Classes, stride = _layout.Layers[^1].Weights.Stride;
        if (destination.Length != (long)count * classes)
            throw new ArgumentException($"{destination.Length} logits for {count} images of {classes} classes; expected {(long)count * classes}.", nameof(destination));
        for (int start = 0; start < count; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, count - start);
            Span<float> logits = Forward(weights, images, first + start, rows);
            for (int row = 0; row < rows; row++)
                logits.Slice(row * stride, classes).CopyTo(destination[((start + row) * classes)..]);
        }
    }

    /// <summary>The probability of every class for the images from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="images">The images.</param>
    /// <param name="first">First image.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="probabilities">[count, classes], without padding; each row adds up to 1.</param>
    /// <exception cref="ArgumentException">The images, the weights or the destination do not fit the model.</exception>
    public void Probabilities(ReadOnlySpan<float> weights, ImageSet images, int first, int count, Span<float> probabilities) =>
        Predict(weights, images, first, count, probabilities, answers: default);

    /// <summary>Probabilities and answers for the images from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="images">The images.</param>
    /// <param name="first">First image.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="probabilities">[count, classes], without padding; each row adds up to 1.</param>
    /// <param name="answers">
    /// [count] the class of the first of the largest logits, by which <see cref="Evaluate"/> counts; or empty. It can differ from the largest
    /// probability where two probabilities round to the same number.
    /// </param>
    /// <exception cref="ArgumentException">The images, the weights or a destination do not fit the model.</exception>
    public void Predict(ReadOnlySpan<float> weights, ImageSet images, int first, int count, Span<float> probabilities, Span<int> answers)
    {
        Check(weights, images, first, count);
        int classes = _model.Classes, stride = _layout.Layers[^1].Weights.Stride;
        if (probabilities.Length != (long)count * classes)
            throw new ArgumentException($"{probabilities.Length} probabilities for {count} images of {classes} classes; expected {(long)count * classes}.", nameof(probabilities));
        if (!answers.IsEmpty && answers.Length != count)
            throw new ArgumentException($"{answers.Length} answers for {count} images; expected {count}.", nameof(answers));
        for (int start = 0; start < count; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, count - start);
            Span<float> logits = Forward(weights, images, first + start, rows);
            for (int row = 0; row < rows && !answers.IsEmpty; row++)
                answers[start + row] = IndexOfMax(logits.Slice(row * stride, classes));
            SoftmaxCrossEntropy.Softmax(_width, logits, rows, classes, stride);
            for (int row = 0; row < rows; row++)
                logits.Slice(row * stride, classes).CopyTo(probabilities[((start + row) * classes)..]);
        }
    }

    // As the loss finds it: a NaN is never greater.
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

    private Span<float> Forward(ReadOnlySpan<float> weights, ImageSet images, int first, int rows)
    {
        Span<int> examples = _examples.AsSpan(0, rows);
        for (int i = 0; i < rows; i++)
            examples[i] = first + i;
        _network.Load(new PixelBatch(images, examples));
        _network.Forward(weights, dropout: false);
        return _network.Logits(rows);
    }

    private void Check(ReadOnlySpan<float> weights, ImageSet images, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (weights.Length != _layout.Length)
            throw new ArgumentException($"{weights.Length} weights; the layout of {_model} has {_layout.Length}.", nameof(weights));
        if (images.Pixels != _model.Inputs)
            throw new ArgumentException($"Images have {images.Pixels} pixels; the model {_model} takes {_model.Inputs}.", nameof(images));
        if (first < 0 || count < 0 || (long)first + count > images.Count)
            throw new ArgumentOutOfRangeException(nameof(count), $"Images {first} to {(long)first + count} of {images.Count}.");
    }
}
