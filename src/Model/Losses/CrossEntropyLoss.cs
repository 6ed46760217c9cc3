using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Losses;

/// <summary>
/// Cross-entropy of the softmax of the outputs: <see cref="SoftmaxCrossEntropy"/>, or <see cref="TargetedCrossEntropy"/> where the labels
/// are smoothed or the classes have weights.
/// </summary>
internal sealed class CrossEntropyLoss(int classes, int stride, SimdWidth width, TargetTables? targets = null) : ClassLoss(classes)
{
    public override NodeStatistics Run(Span<float> outputs, int first, int end, NodeStatistics before = default)
    {
        Span<float> logits = outputs[(first * stride)..(end * stride)];
        return targets is null
            ? SoftmaxCrossEntropy.Run(width, logits, Labels[first..end], Classes, stride, before)
            : TargetedCrossEntropy.Run(width, logits, Labels[first..end], targets, stride, before);
    }

    public override void Predict(Span<float> outputs, int rows) => SoftmaxCrossEntropy.Softmax(width, outputs, rows, Classes, stride);
}
