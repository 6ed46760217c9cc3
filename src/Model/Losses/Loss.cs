using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Losses;

/// <summary>
/// The loss of a batch: loads the targets of its examples, converts the model's outputs to their gradient, and computes loss and hits. One
/// per thread; nothing is allocated after its memory has grown to the largest batch.
/// </summary>
internal abstract class Loss
{
    /// <summary>Creates the loss of a kind. New kinds are added here.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="outputs">Outputs of the model.</param>
    /// <param name="stride">Floats of a row of outputs, with padding.</param>
    /// <param name="width">Form of the kernels.</param>
    public static Loss Of(LossKind kind, int outputs, int stride, SimdWidth width) => kind switch
    {
        LossKind.SoftmaxCrossEntropy => new CrossEntropyLoss(outputs, stride, width),
        LossKind.MeanSquaredError => new SquaredErrorLoss(outputs, stride),
        LossKind.TargetSquaredError => new TargetErrorLoss(outputs, stride),
        _ => throw new NotSupportedException($"No computation is known for the loss {kind}."),
    };

    /// <summary>The loss that a run trains: with smoothed labels and class weights, which an evaluation does not have.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="stride">Floats of a row of outputs, with padding.</param>
    /// <param name="width">Form of the kernels.</param>
    public static Loss OfTraining(RunSpec spec, int stride, SimdWidth width)
    {
        int outputs = spec.Model.Classes;
        return spec.LabelSmoothing == 0.0 && spec.ClassWeights.Count == 0
            ? Of(spec.Loss, outputs, stride, width)
            : new CrossEntropyLoss(outputs, stride, width, new TargetTables(spec.LabelSmoothing, spec.ClassWeights, outputs));
    }

    /// <summary>Loads the targets of a batch's examples, one per row.</summary>
    public abstract void Load(Examples examples, ReadOnlySpan<int> indices);

    /// <summary>Converts outputs to their gradient, in place, and adds the rows' loss to <paramref name="before"/> in row order.</summary>
    /// <param name="outputs">[rows, stride] of the whole batch.</param>
    /// <param name="first">First row: that of a shard.</param>
    /// <param name="end">End of the rows.</param>
    /// <param name="before">Statistics of the rows before.</param>
    public abstract NodeStatistics Run(Span<float> outputs, int first, int end, NodeStatistics before = default);

    /// <summary>Converts outputs to predictions, in place: probabilities, if the loss trains them.</summary>
    /// <param name="outputs">[rows, stride].</param>
    /// <param name="rows">Rows.</param>
    public abstract void Predict(Span<float> outputs, int rows);
}
