using Lockstep.Model.Reduction;

namespace Lockstep.Model.Losses;

/// <summary>
/// Mean squared error of the outputs against the one-hot label.
/// <code>
/// d[c] = z[c] - (c = label ? 1 : 0)   loss = Σ d[c]² / classes, in double precision in the order of c   delta[c] = d[c] · (2 / classes)
/// </code>
/// d and delta are rounded to single precision. The prediction is the first of the largest outputs. NaN propagates to loss and delta. There
/// are few outputs, so there is no vector form.
/// </summary>
internal sealed class SquaredErrorLoss(int classes, int stride) : ClassLoss(classes)
{
    private readonly float _scale = 2f / classes;

    public override NodeStatistics Run(Span<float> outputs, int first, int end, NodeStatistics before = default)
    {
        double lossSum = before.LossSum;
        long correct = before.Correct;
        for (int row = first; row < end; row++)
        {
            Span<float> z = outputs.Slice(row * stride, stride);
            int label = Labels[row], best = 0;
            double squares = 0;
            for (int c = 0; c < Classes; c++)
            {
                if (z[c] > z[best])
                    best = c;
            }

            for (int c = 0; c < Classes; c++)
            {
                float difference = z[c] - (c == label ? 1f : 0f);
                squares += (double)difference * difference;
                z[c] = difference * _scale;
            }

            z[Classes..].Clear();
            lossSum += squares / Classes;
            correct += best == label ? 1 : 0;
        }

        return new NodeStatistics(lossSum, correct, before.Examples + end - first);
    }

    /// <summary>Leaves the outputs: they are trained towards 1 for the class, and are not probabilities.</summary>
    public override void Predict(Span<float> outputs, int rows)
    {
    }
}
