namespace Lockstep.Model.Specs;

/// <summary>
/// An optimizer and its settings. Each optimizer has named slots of state, as many floats each as the model has trainable parameters;
/// checkpoints store them by name.
/// </summary>
public abstract record OptimizerSpec
{
    /// <summary>Learning rate before its schedule, &gt; 0.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The learning rate over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = new();

    /// <summary>
    /// Weight of the penalty <c>l2 · sum(W²)/2</c>, whose gradient is added to that of the loss, for weight matrices without their own,
    /// ≥ 0. It does not apply to biases.
    /// </summary>
    public double L2 { get; init; }

    /// <summary>
    /// Largest L2 norm of the mean gradient of a batch, over all trained parameters, &gt; 0: a larger gradient is multiplied by
    /// <c>clipNorm / (norm + 1e-6)</c>, as <c>torch.nn.utils.clip_grad_norm_</c> does, before the L2 penalty is added. Null does not clip.
    /// </summary>
    public double? ClipNorm { get; init; }

    /// <summary>Its name in options and files, such as <c>sgd</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Names of its slots, in the order of memory and files; empty for none. All start at zero.</summary>
    public abstract IReadOnlyList<string> Slots { get; }
}
