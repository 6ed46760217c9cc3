using System.Collections.Concurrent;
using Lockstep.Data;
using Lockstep.Data.Preparing;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;

namespace Lockstep.Networks;

/// <summary>
/// A model with its weights: the result of a training, or a checkpoint that was read. Immutable and thread-safe.
/// </summary>
public sealed class TrainedModel
{
    private readonly ParameterLayout _layout;
    private readonly float[] _weights;
    private readonly ConcurrentBag<Evaluator> _evaluators = [];

    internal TrainedModel(Checkpoint checkpoint, string? path = null, IReadOnlyList<string>? warnings = null)
    {
        Checkpoint = checkpoint;
        Path = path;
        Warnings = warnings ?? [];
        _layout = new ParameterLayout(checkpoint.Spec.Model);
        _weights = new float[_layout.Length];
        CheckpointTensors.CopyTo(checkpoint.Parameters, _layout, _weights);
        ParameterNames = [.. checkpoint.Spec.Model.Parameters.Select(parameter => parameter.Name)];
    }

    /// <summary>The network.</summary>
    public ModelSpec Model => Checkpoint.Spec.Model;

    /// <summary>The spec of the run that trained it: everything that the weights depend on.</summary>
    public RunSpec Run => Checkpoint.Spec;

    /// <summary>Completed optimizer steps of that run.</summary>
    public long Step => Checkpoint.Step;

    /// <summary>
    /// SHA-256 of all parameters by name, 64 lower-case hexadecimal digits: equal for equal weights, and what the <c>lockstep</c> command
    /// prints.
    /// </summary>
    public string WeightsSha256 => Checkpoint.WeightsSha256;

    /// <summary>Names of the parameters, such as <c>layer0/weights</c>: weights, then biases, layer by layer.</summary>
    public IReadOnlyList<string> ParameterNames { get; }

    /// <summary>
    /// After <see cref="Load(string)"/> of a folder: a sentence for each newer checkpoint that was damaged and passed over. Usually empty.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The file that it was read from; null if it was not.</summary>
    public string? Path { get; }

    /// <summary>Whether it has the optimizer's state, such as momentum.</summary>
    public bool HasOptimizerState => Checkpoint.Slots.Count > 0;

    internal Checkpoint Checkpoint { get; }

    internal ParameterLayout Layout => _layout;

    internal ReadOnlySpan<float> Weights => _weights;

    /// <summary>Reads a checkpoint, and verifies it.</summary>
    /// <param name="path">A file; or a run folder or folder of checkpoints, whose newest valid one is taken.</param>
    /// <exception cref="CheckpointException">There is none, or it is damaged; the message says what to do.</exception>
    public static TrainedModel Load(string path) => Load(path, mayBeNonFinite: false);

    /// <summary>Reads the checkpoint with the best validation result, and verifies it.</summary>
    /// <param name="folder">The run folder of a run with <see cref="Training.RunOptions.KeepBest"/>, or its folder of checkpoints.</param>
    /// <exception cref="CheckpointException">There is none, or it is damaged; the message says what to do.</exception>
    public static TrainedModel LoadBest(string folder) => Load(folder, mayBeNonFinite: false, best: true);

    /// <summary>Reads a checkpoint to inspect it: values may be NaN or infinite. Of a folder the best one, if asked for.</summary>
    internal static TrainedModel Load(string path, bool mayBeNonFinite, bool best = false)
    {
        LoadedCheckpoint loaded = CheckpointStore.Load(path, mayBeNonFinite, best);
        return new TrainedModel(loaded.Checkpoint, loaded.Path, [.. loaded.Warnings]);
    }

    /// <summary>Writes a checkpoint, whole or not at all, with the state of the optimizer.</summary>
    /// <param name="path">The file, such as <c>digits.ckpt</c>.</param>
    /// <param name="overwrite">Whether to replace a file that exists.</param>
    /// <exception cref="CheckpointException">The file exists, or could not be written.</exception>
    public void Save(string path, bool overwrite = false) => CheckpointStore.SaveAs(Checkpoint, path, overwrite);

    /// <summary>A copy of a parameter: name, shape ([in, out] for weights, [out] for biases) and values in rows.</summary>
    /// <exception cref="ArgumentException">The model has no such parameter; the message says which it has.</exception>
    public NamedTensor GetParameter(string name)
    {
        NamedTensor tensor = Checkpoint.Parameters.FirstOrDefault(parameter => parameter.Name == name)
            ?? throw new ArgumentException($"The model has no parameter '{name}'; "
                + $"it has {string.Join(", ", ParameterNames)}.", nameof(name));
        return tensor with { Values = [.. tensor.Values] };
    }

    /// <summary>Plans how a model begins with the parameters of this one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rules">Which parameters to take, and what may differ.</param>
    public RestorePlan PlanRestore(ModelSpec model, RestoreRules rules) =>
        RestorePlan.Make(new ParameterLayout(model), Checkpoint.Parameters, rules);

    /// <summary>Loss and accuracy on examples, or R² of their targets, dropout off.</summary>
    /// <param name="examples">Such as <see cref="Dataset.Test"/>; each has as many values as the model has inputs.</param>
    /// <exception cref="ArgumentException">The examples have another size, or more classes than the model, or another number of
    /// targets.</exception>
    public EvaluationResult Evaluate(Examples examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Classes > Model.Classes)
            throw new ArgumentException($"Examples have {examples.Classes} classes; "
                + $"the model {Model} tells {Model.Classes} apart.", nameof(examples));
        return With(evaluator => evaluator.Evaluate(_weights, examples, 0, examples.Count));
    }

    /// <summary>The same with a confusion matrix, scores by class, and the worst mistakes.</summary>
    /// <param name="examples">As in <see cref="Evaluate"/>.</param>
    /// <param name="mistakes">How many of the worst mistakes to give.</param>
    public DetailedEvaluation EvaluateInDetail(Examples examples, int mistakes) =>
        DetailedEvaluation.Of(Model, _layout, _weights, examples, mistakes, Run.Loss);

    /// <summary>The probability of every class for one image.</summary>
    /// <param name="pixels">[inputs] intensities 0 to 255, row by row.</param>
    /// <returns>[classes] probabilities, which add up to 1.</returns>
    /// <exception cref="ArgumentException">The number of pixels is not that of the model's inputs.</exception>
    public float[] Predict(ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length != Model.Inputs)
            throw new ArgumentException($"{pixels.Length} pixels; the model {Model} takes {Model.Inputs}.", nameof(pixels));
        return Predict(ImageSet.FromDense(pixels, [0], 1, pixels.Length));
    }

    /// <summary>
    /// The probability of every class for many examples; of a model of targets its outputs, see <see cref="PredictTargets"/>.
    /// </summary>
    /// <param name="examples">Each has as many values as the model has inputs. Their labels do not matter.</param>
    /// <returns>[examples, classes] probabilities, row by row; each row adds up to 1.</returns>
    /// <exception cref="ArgumentException">The examples have another size.</exception>
    public float[] Predict(Examples examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        float[] probabilities = new float[checked(examples.Count * Model.Classes)];
        return With(evaluator =>
        {
            evaluator.Probabilities(_weights, examples, 0, examples.Count, probabilities);
            return probabilities;
        });
    }

    /// <summary>What a model of targets predicts for examples, in units of the user's data.</summary>
    /// <param name="examples">Each has as many values as the model has inputs. Their targets do not matter.</param>
    /// <returns>[examples, targets] numbers, row by row: mean + deviation · output, in double precision.</returns>
    /// <exception cref="ArgumentException">The examples have another size.</exception>
    /// <exception cref="InvalidOperationException">The model was trained on classes.</exception>
    public double[] PredictTargets(Examples examples)
    {
        if (!Run.IsRegression)
            throw new InvalidOperationException($"The model {Model} was trained on classes; {nameof(Predict)} gives their probabilities.");
        float[] outputs = Predict(examples);
        TargetSpec[] targets = [.. Enumerable.Range(0, Model.Classes).Select(Run.Data.TargetOf)];
        return [.. outputs.Select((output, i) => targets[i % targets.Length].ValueOf(output))];
    }

    /// <summary>Reads a picture as the inputs of a model that was trained on the user's own pictures: prepared as these were.</summary>
    /// <param name="path">A PNG, JPEG, GIF, WebP or BMP file.</param>
    /// <returns>A set of one image, of class 0.</returns>
    /// <exception cref="DatasetException">It cannot be read, or must have another size.</exception>
    /// <exception cref="InvalidOperationException">The model was not trained on pictures of the user's.</exception>
    public ImageSet ReadPicture(string path)
    {
        if (Run.Data.Preparation?.Inputs is not ImageSpec spec)
            throw new InvalidOperationException($"The model {Model} was not trained on pictures of the user's.");
        byte[] pixels = ImageInputs.Fit(PictureFile.Read(path), spec, isOfModel: true, _ => path, 0);
        return ImageSet.FromDense(pixels, [0], spec.Height, spec.Width, spec.Channels);
    }

    /// <summary>
    /// Reads a file of examples as the inputs of a model that was trained on the user's own data: a table, arrays, or a folder of pictures,
    /// prepared as the training data were. Labels are not needed, and not read.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <returns>All its examples, of class 0; where it has parts, those for the test.</returns>
    /// <exception cref="DatasetException">It cannot be read, or does not fit the model.</exception>
    /// <exception cref="InvalidOperationException">The model was not trained on data of the user's.</exception>
    public Examples ReadExamples(string path) => ReadUnlabelled(path, split: null, progress: null).Examples;

    /// <summary>The same for a part of a file with parts, with what is to be known of them.</summary>
    internal UnlabelledExamples ReadUnlabelled(string path, string? split, Action<string>? progress) => Run.Data.Preparation is null
        ? throw new InvalidOperationException($"The model {Model} was not trained on data of the user's.")
        : new OwnDataLoader(new PreparationOptions(), Run.Data, progress).LoadUnlabelled(path, split, CancellationToken.None);

    // An evaluator is not thread-safe.
    private T With<T>(Func<Evaluator, T> use)
    {
        Evaluator evaluator = _evaluators.TryTake(out Evaluator? free) ? free : new Evaluator(Model, _layout, Checkpoint.Spec.Loss);
        T result = use(evaluator);
        _evaluators.Add(evaluator);
        return result;
    }
}
