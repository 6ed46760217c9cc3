using System.Globalization;
using System.Numerics;

namespace Lockstep.Model.Specs;

/// <summary>
/// The range of each number of a run spec, in one place. The spec's own validation, model files, wire and disk formats, and the command's
/// options use these.
/// </summary>
public static class Ranges
{
    /// <summary>Examples of a batch.</summary>
    public static NumberRange<int> BatchSize { get; } = Whole(1, 1 << 20);

    /// <summary>Slices of a batch.</summary>
    public static NumberRange<int> Shards { get; } = Whole(1, RunSpec.MaxShards);

    /// <summary>Steps of a run: the step is one 32-bit word of the random generator's counter.</summary>
    public static NumberRange<long> TotalSteps { get; } = Whole(1, RunSpec.MaxSteps);

    /// <summary>Examples that are trained on.</summary>
    public static NumberRange<int> TrainingExamples { get; } = Whole(1, 1 << 30);

    /// <summary>Examples that are held out.</summary>
    public static NumberRange<int> ValidationExamples { get; } = Whole(0, 1 << 30);

    /// <summary>Share of the examples that are held out.</summary>
    public static NumberRange<double> HeldOutShare { get; } = new(0.0, 1.0, true, true, "a number above 0 and below 1");

    /// <summary>Any finite number.</summary>
    public static NumberRange<double> Finite { get; } =
        new(double.MinValue, double.MaxValue, false, false, "a number from -1.8e308 to 1.8e308");

    /// <summary>Standard deviation of a column.</summary>
    public static NumberRange<double> Deviation { get; } = new(0.0, double.MaxValue, true, false, "a number above 0, at most 1.8e308");

    /// <summary>Layers of a model.</summary>
    public static NumberRange<int> Layers { get; } = Whole(1, ModelSpec.MaxLayers);

    /// <summary>Inputs and units of a layer.</summary>
    public static NumberRange<int> Width { get; } = Whole(1, ModelSpec.MaxWidth);

    /// <summary>Rows and columns of maps; 0 where there are vectors.</summary>
    public static NumberRange<int> WidthOrNone { get; } = Whole(0, ModelSpec.MaxWidth);

    /// <summary>Rows and columns of a filter or a window, and the distance of two.</summary>
    public static NumberRange<int> Window { get; } = Whole(1, 64);

    /// <summary>Zeros around a map.</summary>
    public static NumberRange<int> Padding { get; } = Whole(0, 63);

    /// <summary>Units of the last layer.</summary>
    public static NumberRange<int> Classes { get; } = Whole(2, 256);

    /// <summary>Outputs of a model: its classes, or its targets.</summary>
    public static NumberRange<int> Outputs { get; } = Whole(1, 256);

    /// <summary>Keep probability of dropout; draws have 16 bits.</summary>
    public static NumberRange<double> KeepProb { get; } = new(1.0 / 65536, 1.0, false, false, "a number from 1/65536 to 1");

    /// <summary>Learning rate of the run or a parameter: positive, and finite in single precision.</summary>
    public static NumberRange<double> LearningRate { get; } = new(0.0, float.MaxValue, true, false, "a number above 0, at most 3.4e38");

    /// <summary>L2 penalty and weight decay: finite in single precision.</summary>
    public static NumberRange<double> Penalty { get; } = new(0.0, float.MaxValue, false, false, "a number from 0 to 3.4e38");

    /// <summary>Momentum and the betas of AdamW.</summary>
    public static NumberRange<double> Momentum { get; } = new(0.0, 1.0, false, true, "a number from 0 to below 1");

    /// <summary>Share of a step's statistics in running averages.</summary>
    public static NumberRange<double> StatisticsMomentum { get; } = new(0.0, 1.0, true, false, "a number above 0, at most 1");

    /// <summary>Epsilon of AdamW and of layers that normalise: far from zero in single precision.</summary>
    public static NumberRange<double> Epsilon { get; } = new(1e-30, 1.0, false, false, "a number from 1e-30 to 1");

    /// <summary>Largest norm of a gradient: positive, and finite in single precision.</summary>
    public static NumberRange<double> ClipNorm { get; } = new(0.0, float.MaxValue, true, false, "a number above 0, at most 3.4e38");

    /// <summary>Share of a label that is spread over all classes.</summary>
    public static NumberRange<double> LabelSmoothing { get; } = new(0.0, 1.0, false, true, "a number from 0 to below 1");

    /// <summary>Weight of the loss of a class's examples.</summary>
    public static NumberRange<double> ClassWeight { get; } = new(0.0, 1e6, false, false, "a number from 0 to 1,000,000");

    /// <summary>Shift of an augmented image to each side, in pixels.</summary>
    public static NumberRange<double> Shift { get; } = Whole(0.0, 128.0);

    /// <summary>Rotation of an augmented image to each side, in degrees.</summary>
    public static NumberRange<double> Rotate { get; } = new(0.0, 180.0, false, false, "a number from 0 to 180");

    /// <summary>Change of the size of an augmented image, as a share.</summary>
    public static NumberRange<double> Scale { get; } = new(0.0, 0.9, false, false, "a number from 0 to 0.9");

    /// <summary>Elastic displacement of an augmented image, in pixels.</summary>
    public static NumberRange<double> Elastic { get; } = new(0.0, 64.0, false, false, "a number from 0 to 64");

    /// <summary>Share of the augmented images that are flipped.</summary>
    public static NumberRange<double> Flip { get; } = new(0.0, 1.0, false, false, "a number from 0 to 1");

    /// <summary>Standard deviation of the noise of an augmented image, as a share of white.</summary>
    public static NumberRange<double> Noise { get; } = new(0.0, 1.0, false, false, "a number from 0 to 1");

    /// <summary>Side of the square that is cut out of an augmented image, in pixels.</summary>
    public static NumberRange<double> Cutout { get; } = Whole(0.0, 256.0);

    /// <summary>Steps of the warm-up.</summary>
    public static NumberRange<long> WarmupSteps { get; } = new(0, long.MaxValue, false, false, "a whole number from 0");

    /// <summary>Epochs between two drops of the rate.</summary>
    public static NumberRange<int> EveryEpochs { get; } = new(1, int.MaxValue, false, false, "a whole number from 1");

    /// <summary>Factor of the rate at a drop.</summary>
    public static NumberRange<double> DropFactor { get; } = new(0.0, 1.0, true, false, "a number above 0, at most 1");

    /// <summary>The last rate as a share of the first.</summary>
    public static NumberRange<double> FinalShare { get; } = new(0.0, 1.0, false, false, "a number from 0 to 1");

    /// <summary>Accuracy that ends a run.</summary>
    public static NumberRange<double> TargetAccuracy { get; } = new(0.0, 1.0, false, false, "a number from 0 to 1");

    /// <summary>R² that ends a run.</summary>
    public static NumberRange<double> TargetR2 { get; } = new(double.MinValue, 1.0, false, false, "a number from -1.8e308 to 1");

    /// <summary>Loss that ends a run.</summary>
    public static NumberRange<double> TargetLoss { get; } = new(0.0, double.MaxValue, false, false, "a number from 0 to 1.8e308");

    /// <summary>Evaluations without a better result that end a run.</summary>
    public static NumberRange<int> Patience { get; } = Whole(1, 1_000_000);

    private static NumberRange<T> Whole<T>(T min, T max)
        where T : struct, INumber<T> =>
        new(min, max, false, false, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min:N0} to {max:N0}"));
}
