namespace Lockstep.Model.Specs;

/// <summary>
/// How gradients become new weights: an optimizer and its numbers. Each keeps named slots of state, as many floats each as the model has trainable
/// parameters; checkpoints store them by name.
/// </summary>
public abstract record OptimizerSpec
{
    /// <summary>Learning rate before its schedule, &gt; 0.</summary>
    public required double LearningRate { get; init; }

    /// <summary>How the rate moves over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = new();

    /// <summary>
    /// Weight of the penalty <c>l2 · sum(W²)/2</c>, whose gradient is added to that of the loss, on weight matrices without one of their own, ≥ 0.
    /// Other biases have none.
    /// </summary>
    public double L2 { get; init; }

    /// <summary>Its name in options and files, such as <c>sgd</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Names of its state, in the order of memory and files; empty for none. All begin at zero.</summary>
    public abstract IReadOnlyList<string> Slots { get; }
}
