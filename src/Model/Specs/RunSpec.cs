namespace Lockstep.Model.Specs;

/// <summary>
/// Everything that the trained weights depend on. Two runs with equal specs end with equal bytes on any cluster. What is not in here
/// (workers, lanes, vector width, machines) must not influence a weight.
/// </summary>
public sealed partial record RunSpec
{
    /// <summary>The network.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>The loss that training minimises, in addition to the L2 penalty.</summary>
    public LossKind Loss { get; init; } = LossKind.SoftmaxCrossEntropy;

    /// <summary>
    /// Share of each label that is spread evenly over all classes in training, in [0, 1): see <see cref="ClassWeights"/>. Evaluation has
    /// none. Only with softmax cross-entropy.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Weight of each class in the loss of training, ≥ 0; empty, the default, is 1 each. Evaluation has none. Only with softmax
    /// cross-entropy. With smoothing e, weights w and C classes, the loss of an example of class y is
    /// <code>
    /// -(1 - e) · w[y] · ln p[y] - e/C · Σ w[c] · ln p[c]
    /// </code>
    /// as that of PyTorch's <c>CrossEntropyLoss(weight=w, label_smoothing=e, reduction="none")</c>. The sum over a batch is divided by its
    /// examples, not by the sum of their weights as PyTorch's <c>reduction="mean"</c> does.
    /// </summary>
    public IReadOnlyList<double> ClassWeights { get; init; } = [];

    /// <summary>Whether float targets are learnt, not classes.</summary>
    public bool IsRegression => Loss == LossKind.TargetSquaredError;

    /// <summary>How the images of training are changed at random; null for not at all. Evaluation sees them as they are.</summary>
    public AugmentationSpec? Augmentation { get; init; }

    /// <summary>Key of every random number of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Examples per step, B ≥ 1. The last batch of an epoch may be shorter.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Fixed slices of a batch, S in 1..<see cref="MaxShards"/>. The sum over shards is a tree fixed by S alone.</summary>
    public required int Shards { get; init; }

    /// <summary>Optimizer steps of the whole run, ≥ 1.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The optimizer and its numbers.</summary>
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>The examples, by content.</summary>
    public required DataSpec Data { get; init; }

    /// <summary>
    /// Digest of the parameters that start from restored values instead of their initialisers (see <c>WeightsDigest</c>, over these
    /// parameters only); null if there are none.
    /// </summary>
    public string? RestoredSha256 { get; init; }

    /// <summary>When the run ends before its last step; null for never. It decides which step the final weights are of.</summary>
    public StopSpec? Stop { get; init; }

    /// <summary>Maximum of <see cref="Shards"/>.</summary>
    public const int MaxShards = 4096;

    /// <summary>Steps in one epoch: ceil(training examples / batch size).</summary>
    public int StepsPerEpoch => (Data.TrainingExamples + BatchSize - 1) / BatchSize;
}
