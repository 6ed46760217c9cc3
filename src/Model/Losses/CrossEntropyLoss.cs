using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Losses;

/// <summary>Cross-entropy of the softmax of the outputs, see <see cref="SoftmaxCrossEntropy"/>.</summary>
internal sealed class CrossEntropyLoss(int classes, int stride, SimdWidth width) : ClassLoss(classes)
{
    public override NodeStatistics Run(Span<float> outputs, int first, int end, NodeStatistics before = default) =>
        SoftmaxCrossEntropy.Run(width, outputs[(first * stride)..(end * stride)], Labels[first..end], Classes, stride, before);

    public override void Predict(Span<float> outputs, int rows) => SoftmaxCrossEntropy.Softmax(width, outputs, rows, Classes, stride);
}
