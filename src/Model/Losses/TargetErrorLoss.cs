using Lockstep.Model.Data;
using Lockstep.Model.Reduction;

namespace Lockstep.Model.Losses;

/// <summary>
/// Mean squared error of the outputs against float targets, as <c>torch.nn.MSELoss</c>.
/// <code>
/// d[c] = z[c] - t[c]   loss = Σ d[c]² / outputs, in double precision in the order of c   delta[c] = d[c] · (2 / outputs)
/// </code>
/// d and delta are rounded to single precision. NaN propagates to loss and delta. No example counts as correct.
/// </summary>
internal sealed class TargetErrorLoss(int targets, int stride) : Loss
{
    private readonly float _scale = 2f / targets;
    private float[] _targets = [];

    /// <exception cref="ArgumentException">The examples have another number of targets.</exception>
    public override void Load(Examples examples, ReadOnlySpan<int> indices)
    {
        if (examples.Outputs != targets)
            throw new ArgumentException(
                $"Examples have {examples.Outputs} targets; the model has {targets} outputs.", nameof(examples));
        if (_targets.Length < indices.Length * targets)
            _targets = new float[indices.Length * targets];
        ReadOnlySpan<float> all = examples.Targets;
        for (int row = 0; row < indices.Length; row++)
            all.Slice(indices[row] * targets, targets).CopyTo(_targets.AsSpan(row * targets));
    }

    public override NodeStatistics Run(Span<float> outputs, int first, int end, NodeStatistics before = default)
    {
        double lossSum = before.LossSum;
        for (int row = first; row < end; row++)
        {
            Span<float> z = outputs.Slice(row * stride, stride);
            ReadOnlySpan<float> t = _targets.AsSpan(row * targets, targets);
            double squares = 0;
            for (int c = 0; c < t.Length; c++)
            {
                float difference = z[c] - t[c];
                squares += (double)difference * difference;
                z[c] = difference * _scale;
            }

            z[targets..].Clear();
            lossSum += squares / targets;
        }

        return new NodeStatistics(lossSum, before.Correct, before.Examples + end - first);
    }

    /// <summary>Leaves the outputs: they are the predictions.</summary>
    public override void Predict(Span<float> outputs, int rows)
    {
    }
}
