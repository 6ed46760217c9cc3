using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;

namespace Lockstep.Training;

/// <summary>
/// How a model is trained. The defaults are those of <c>lockstep train</c>, and equal options give equal weights, to the byte, there and
/// here.
/// </summary>
public sealed record TrainerOptions
{
    // Pictures of the user's are large and few: with small batches the rate for MNIST ends in units that never leave zero.
    private const double RateOfPictures = 0.02;

    // Light paper gives all inputs of a picture one large part in common: at the other rate the first steps silence all units.
    private const double RateOfLightPictures = 0.002;
    private const int MostLookedAt = 1000;

    // One example a shard; the gradient of fewer is mostly noise.
    private const int LeastBatch = 8;

    // Errors of targets have no bound, and neither have their gradients.
    private const double RateOfTargets = 0.01;

    /// <summary>
    /// The defaults for a data set, which are those of <c>lockstep train</c> for it. For the user's own files that is a batch of a tenth of
    /// the training examples, 8 to 128, so that a small table is learnt from more than once an epoch, for pictures a learning rate of
    /// 0.02, for light ones (a mean above half of white, as of ink on paper) one of 0.002, for targets one of 0.01; for all others the
    /// defaults of the properties.
    /// </summary>
    /// <param name="data">What is trained on.</param>
    /// <param name="trainingExamples">How many of its training examples; null for all.</param>
    public static TrainerOptions For(Dataset data, int? trainingExamples = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        int examples = trainingExamples ?? data.TrainingExamples;
        var options = new TrainerOptions();
        return data.Preparation is not { } preparation ? options : options with
        {
            BatchSize = Math.Min(examples, Math.Clamp(examples / 10, LeastBatch, options.BatchSize)),
            TrainingExamples = trainingExamples,
            LearningRate = preparation.Targets.Count > 0 ? RateOfTargets
                : data.Training is not ImageSet images ? options.LearningRate
                : AreLight(images, data.TrainingExamples) ? RateOfLightPictures : RateOfPictures,
        };
    }

    private static bool AreLight(ImageSet images, int count)
    {
        byte[] pixels = new byte[images.Pixels];
        double sum = 0;
        count = Math.Min(count, MostLookedAt);
        for (int image = 0; image < count; image++)
        {
            images.CopyPixels(image, pixels);
            foreach (byte pixel in pixels)
                sum += pixel;
        }

        return sum > (double)byte.MaxValue / 2 * pixels.Length * count;
    }

    /// <summary>Passes over the training images, ≥ 1. Default 12. Ignored when <see cref="Steps"/> is given.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>Length of the run in optimizer steps, ≥ 1; null, the default, takes as many as <see cref="Epochs"/> needs.</summary>
    public long? Steps { get; init; }

    /// <summary>Examples of one step, from 1 to the number of training images. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// The optimizer with all its numbers, such as <c>new AdamWSpec { LearningRate = 0.001 }</c>. It replaces <see cref="LearningRate"/>,
    /// <see cref="Schedule"/>, <see cref="Momentum"/>, <see cref="IsNesterov"/>, <see cref="L2"/> and <see cref="ClipNorm"/>. Null, the
    /// default, is gradient descent with these.
    /// </summary>
    public OptimizerSpec? Optimizer { get; init; }

    /// <summary>Learning rate before the schedule, &gt; 0. Default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>How the rate changes over the steps: see <see cref="LearningRateSchedule.Parse"/>. Default constant.</summary>
    public LearningRateSchedule Schedule { get; init; } = new();

    /// <summary>Share of the previous update that is added, in [0, 1); 0 is plain gradient descent. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the momentum is Nesterov's: see <see cref="SgdSpec.IsNesterov"/>. Default false.</summary>
    public bool IsNesterov { get; init; }

    /// <summary>Largest norm of a gradient, &gt; 0: see <see cref="OptimizerSpec.ClipNorm"/>. Null, the default, does not clip.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Weight of the penalty <c>l2 · sum(W²)/2</c> on weight matrices, ≥ 0. Default 0.</summary>
    public double L2 { get; init; }

    /// <summary>What is minimised, besides the L2 penalty. Default softmax cross-entropy. Examples with targets
    /// always train <see cref="LossKind.TargetSquaredError"/>.</summary>
    public LossKind Loss { get; init; } = LossKind.SoftmaxCrossEntropy;

    /// <summary>
    /// Share of each label that is spread over all classes in training, in [0, 1): see <see cref="RunSpec.LabelSmoothing"/>. Default 0.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Weights of the classes in the loss of training. Null, the default, is 1 each.</summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>
    /// How training images are changed at random, anew in every epoch, such as
    /// <c>AugmentationSpec.Parse("shift:2,rotate:10")</c>. Null, the default, is not at all. Evaluation sees images as they are.
    /// </summary>
    public AugmentationSpec? Augmentation { get; init; }

    /// <summary>When the run ends before its last step: early stopping. Null, the default, takes all steps.</summary>
    public EarlyStopping? Stop { get; init; }

    /// <summary>Key of all random numbers: initial weights, order of examples, dropout. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Fixed slices of a batch, 1 to 4,096. Default 8. Influences the weights, because it fixes the order of additions. On a cluster,
    /// workers beyond this number stand by.
    /// </summary>
    public int Shards { get; init; } = 8;

    /// <summary>
    /// Number of training images to train on, the first ones; null, the default, takes all but those held out for validation.
    /// </summary>
    public int? TrainingExamples { get; init; }

    /// <summary>
    /// Begin with the parameters of another model, matched by name as <see cref="Restore"/> says, instead of with initial values. The
    /// optimizer begins anew. Null, the default, initialises all.
    /// </summary>
    public TrainedModel? InitFrom { get; init; }

    /// <summary>
    /// Which parameters come from <see cref="InitFrom"/> and what may differ. By default every name and shape of both must match, and
    /// anything else is refused.
    /// </summary>
    public RestoreRules Restore { get; init; } = new();
}
