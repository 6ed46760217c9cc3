namespace Lockstep.Model.Specs;

/// <summary>The loss that training minimises. The numbers are part of the wire and checkpoint formats.</summary>
public enum LossKind
{
    /// <summary>Cross-entropy of the softmax of the outputs, <c>-ln p[label]</c>.</summary>
    SoftmaxCrossEntropy = 0,

    /// <summary>Mean squared error of the outputs against the one-hot label.</summary>
    MeanSquaredError = 1,

    /// <summary>Mean squared error of the outputs against float targets: regression.</summary>
    TargetSquaredError = 2,
}
