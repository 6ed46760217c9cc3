namespace Lockstep.Model.Specs;

/// <summary>A result of an evaluation on the validation examples. The numbers are part of the checkpoint format.</summary>
public enum ValidationMetric
{
    /// <summary>Share of correct predictions: higher is better.</summary>
    Accuracy = 0,

    /// <summary>Mean loss: lower is better.</summary>
    Loss = 1,

    /// <summary>Coefficient of determination of float targets, the mean over outputs: higher is better, 1 is best.</summary>
    R2 = 2,
}
