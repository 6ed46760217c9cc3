using System.Security.Cryptography;
using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Random;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// Fingerprint of a machine's numerics: the digest of the weights after small fixed trainings that together use every kernel that a model
/// needs. Machines with equal fingerprints may train together; with different ones their gradients would differ.
/// </summary>
public static class NumericsFingerprint
{
    private const int Examples = 20;
    private const int Side = 6;

    private static readonly Lazy<string> OfDense = new(() => Compute(KernelDispatch.Width, everyKind: false));
    private static readonly Lazy<string> OfEveryKind = new(() => Compute(KernelDispatch.Width, everyKind: true));

    /// <summary>
    /// Trains and returns the digest, in lower-case hexadecimal. Takes about a tenth of a second at the first call; cached afterwards.
    /// </summary>
    /// <param name="model">The model. For dense layers the kernels of other kinds are left out, because compiling them takes time.</param>
    public static string Compute(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        bool isDense = model.Layers.All(layer => layer is DenseSpec dense && !Activations.SlopeReadsSums(dense.Activation));
        return (isDense ? OfDense : OfEveryKind).Value;
    }

    internal static string Compute(SimdWidth width, bool everyKind)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (RunSpec spec in everyKind ? [.. Specs, Spec(EveryKind)] : Specs)
        {
            LocalTrainer trainer = Trainer(spec, width);
            trainer.Run(spec.TotalSteps);
            digest.AppendData(Encoding.ASCII.GetBytes(trainer.WeightsSha256));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <summary>The trainer of one training, before its first step.</summary>
    internal static LocalTrainer Trainer(RunSpec spec, SimdWidth width) => new(spec, Images(spec.Seed), width);

    /// <summary>
    /// The trainings: a deep model, and one whose input layer has few outputs and therefore other kernels (see <c>InputBatch.For</c>).
    /// </summary>
    internal static IReadOnlyList<RunSpec> Specs => [Spec(Deep), Spec(ModelSpec.Parse($"{Side * Side}-10") with { InputKeepProb = 0.9 })];

    /// <summary>Every other kind of layer and activation; rows and columns of the tiles of convolutions are of every number.</summary>
    internal static ModelSpec EveryKind
    {
        get
        {
            ModelSpec model = ModelSpec.Parse($"{Side}x{Side}-conv:31x3p1-bn-pool2-conv:15x2-avgpool2s1-18-ln-10", keepProb: 0.7);
            LayerSpec[] layers = [.. model.Layers.Select(layer => layer switch
            {
                BatchNormSpec norm => norm with { Activation = Activation.Gelu },
                LayerNormSpec norm => norm with { Activation = Activation.Silu },
                _ => layer,
            })];
            return model with { Layers = layers, InputKeepProb = 0.9 };
        }
    }

    internal static RunSpec Spec(ModelSpec model) => new()
    {
        Model = model,
        Seed = 0x4C6F636B73746570,
        BatchSize = 11,
        Shards = 3,
        TotalSteps = 5,
        Optimizer = new SgdSpec
        {
            LearningRate = 0.25,
            Schedule = new LearningRateSchedule { Kind = ScheduleKind.Cosine, FinalShare = 0.1, WarmupSteps = 2 },
            Momentum = 0.9,
            L2 = 1e-3,
        },
        Data = new DataSpec { Name = "fingerprint", Sha256 = "", TrainingExamples = Examples, ValidationExamples = 0 },
    };

    /// <summary>A model with every activation, with and without dropout, and with input dropout.</summary>
    private static ModelSpec Deep
    {
        get
        {
            ModelSpec model = ModelSpec.Parse($"{Side * Side}-150-33-24-20-18-10", keepProb: 0.7);
            DenseSpec[] layers = [.. model.Layers.Cast<DenseSpec>()];
            Activation[] activations = [Activation.Relu, Activation.Tanh, Activation.Sigmoid, Activation.LeakyRelu, Activation.Linear];
            for (int i = 0; i < activations.Length; i++)
                layers[i] = layers[i] with { Activation = activations[i], KeepProb = activations[i] == Activation.Sigmoid ? 1.0 : 0.7 };
            return model with { Layers = layers, InputKeepProb = 0.9 };
        }
    }

    private static ImageSet Images(ulong seed)
    {
        var pixels = new byte[Examples * Side * Side];
        var labels = new byte[Examples];
        for (int i = 0; i < pixels.Length; i++)
        {
            // A third of the pixels are zero, so that the sparse kernels are used as intended.
            uint draw = Philox4x32.Block((uint)i, 0, 0, 0, seed)[0];
            pixels[i] = (byte)(draw % 3 == 0 ? 0 : draw >> 24);
        }

        for (int i = 0; i < labels.Length; i++)
            labels[i] = (byte)(i % 10);
        return ImageSet.FromDense(pixels, labels, Side, Side);
    }
}
