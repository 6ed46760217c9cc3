using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Losses;

/// <summary>
/// The loss of a batch: takes the targets of its examples, turns the model's outputs into their gradient, and says how well the model does. One per
/// thread; nothing is allocated once its memory has grown to the largest batch.
/// </summary>
internal abstract class Loss
{
    /// <summary>The loss of a kind. Kinds are listed here.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="outputs">Outputs of the model.</param>
    /// <param name="stride">Floats of a row of outputs, with padding.</param>
    /// <param name="width">Form of the kernels.</param>
    public static Loss Of(LossKind kind, int outputs, int stride, SimdWidth width) => kind switch
    {
        LossKind.SoftmaxCrossEntropy => new CrossEntropyLoss(outputs, stride, width),
        LossKind.MeanSquaredError => new SquaredErrorLoss(outputs, stride),
        _ => throw new NotSupportedException($"No computation is known for the loss {kind}."),
    };

    /// <summary>Takes the targets of a batch's examples, one per row.</summary>
    public abstract void Load(Examples examples, ReadOnlySpan<int> indices);

    /// <summary>Turns outputs into their gradient, in place, and adds the rows' loss to <paramref name="before"/> in the order of the rows.</summary>
    /// <param name="outputs">[rows, stride] of the whole batch.</param>
    /// <param name="first">First row to take: that of a shard.</param>
    /// <param name="end">End of them.</param>
    /// <param name="before">What the rows before have given.</param>
    public abstract NodeStatistics Run(Span<float> outputs, int first, int end, NodeStatistics before = default);

    /// <summary>Turns outputs into what the model says of each class, in place: probabilities, where the loss trains such.</summary>
    /// <param name="outputs">[rows, stride].</param>
    /// <param name="rows">Rows.</param>
    public abstract void Predict(Span<float> outputs, int rows);
}
