namespace Lockstep.Model.Specs;

/// <summary>What training minimises. The numbers are those of the wire and of checkpoints.</summary>
public enum LossKind
{
    /// <summary>Cross-entropy of the softmax of the outputs, <c>-ln p[label]</c>.</summary>
    SoftmaxCrossEntropy = 0,

    /// <summary>Mean squared error of the outputs against the label as a vector: 1 for the class, 0 for all others.</summary>
    MeanSquaredError = 1,
}
