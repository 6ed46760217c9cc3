using System.Buffers;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// A <see cref="RunSpec"/> as MessagePack: maps with keys in a fixed order, doubles as float64, so equal specs are equal bytes. Used on the
/// tensor stream and in checkpoints.
/// </summary>
public static class RunSpecCodec
{
    /// <summary>
    /// Latest version of the format, its first entry. A spec is written in the first version that can hold it, so its bytes never change.
    /// </summary>
    public const int Version = RegressionVersion;

    // From the first of these on there are entries for the targets of the loss, from the next on one for the rule that stops the run, and
    // then one for the augmentation. Each may be nil in later versions. The last is for float targets.
    private const int TargetsVersion = 4, StopVersion = 5, AugmentationVersion = 6, RegressionVersion = DataCodec.TargetsVersion;
    private const int Entries = 10, TargetEntries = 2;

    internal const int MaxNameBytes = 4 * ParameterSpec.MaxNameLength;

    /// <summary>Encodes a spec.</summary>
    public static byte[] Encode(RunSpec spec)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(buffer);
        Write(ref writer, spec);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Decodes a spec and checks every value's range.</summary>
    /// <exception cref="FormatException">Another version, a value outside its range, or not a spec at all.</exception>
    public static RunSpec Decode(ReadOnlyMemory<byte> bytes) => PackReading.Decode(bytes, "run spec", Read);

    /// <summary>
    /// The first version that can hold a spec: 1 for gradient descent, 2 for other optimizers, 3 for data that were prepared, 4 for
    /// Nesterov momentum, clipped gradients, smoothed labels and class weights, 5 for a run that may stop early, 6 for augmented images, 7
    /// for regression.
    /// </summary>
    internal static int VersionOf(RunSpec spec) =>
        spec.IsRegression ? RegressionVersion
        : spec.Augmentation is not null ? AugmentationVersion
        : spec.Stop is not null ? StopVersion
        : spec.Optimizer.ClipNorm is not null || spec.Optimizer is SgdSpec { IsNesterov: true } || spec.LabelSmoothing != 0.0
            || spec.ClassWeights.Count > 0 ? TargetsVersion
        : spec.Data.Preparation is not null ? DataCodec.PreparedVersion
        : spec.Optimizer is SgdSpec ? 1 : 2;

    internal static void Write(ref MessagePackWriter writer, RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        bool isDefaultLoss = spec.Loss == default;
        int version = VersionOf(spec);
        writer.WriteMapHeader(EntriesOf(version) + (isDefaultLoss ? 0 : 1));
        writer.Write("version");
        writer.Write(version);
        writer.Write("inputKeepProb");
        writer.Write(spec.Model.InputKeepProb);
        writer.Write("layers");
        writer.WriteArrayHeader(spec.Model.Layers.Count);
        foreach (LayerSpec layer in spec.Model.Layers)
            WriteLayer(ref writer, layer);
        writer.Write("restoredSha256");
        writer.Write(spec.RestoredSha256);
        writer.Write("seed");
        writer.Write(spec.Seed);
        writer.Write("batchSize");
        writer.Write(spec.BatchSize);
        writer.Write("shards");
        writer.Write(spec.Shards);
        writer.Write("totalSteps");
        writer.Write(spec.TotalSteps);
        writer.Write("optimizer");
        OptimizerCodec.Write(ref writer, spec.Optimizer, version);
        writer.Write("data");
        DataCodec.Write(ref writer, spec.Data, version);
        if (version >= TargetsVersion)
        {
            writer.Write("labelSmoothing");
            writer.Write(spec.LabelSmoothing);
            writer.Write("classWeights");
            writer.WriteArrayHeader(spec.ClassWeights.Count);
            foreach (double weight in spec.ClassWeights)
                writer.Write(weight);
        }

        if (!isDefaultLoss)
        {
            writer.Write("loss");
            writer.Write((int)spec.Loss);
        }

        if (version >= StopVersion)
            StopCodec.Write(ref writer, spec.Stop);
        if (version >= AugmentationVersion)
            AugmentationCodec.Write(ref writer, spec.Augmentation);
    }

    internal static RunSpec Read(ref MessagePackReader reader)
    {
        int entries = reader.ReadMapHeader();
        reader.ExpectKey("version");
        int version = reader.ReadInt32();
        if (version is < 1 or > Version)
            throw new FormatException(
                $"the run spec has format {version}; this build reads 1 to {Version}. Run the version of Lockstep that wrote it.");
        int least = EntriesOf(version);
        if (entries != least && entries != least + 1)
            throw new FormatException($"a map of {entries} entries, expected {least} or {least + 1}.");
        reader.ExpectKey("inputKeepProb");
        double inputKeepProb = reader.ReadDouble("inputKeepProb", Ranges.KeepProb);
        reader.ExpectKey("layers");
        var layers = new LayerSpec[reader.ReadCount(1, ModelSpec.MaxLayers)];
        for (int i = 0; i < layers.Length; i++)
            layers[i] = ReadLayer(ref reader);
        var model = new ModelSpec { Layers = layers, InputKeepProb = inputKeepProb };
        if (layers.Any(layer => layer.Name.Length == 0))
            throw new FormatException("a layer has no name.");
        if (model.Validate() is [{ } problem, ..])
            throw new FormatException(problem);
        reader.ExpectKey("restoredSha256");
        string? restored = reader.TryReadNil() ? null : reader.ReadSha256("restoredSha256");
        reader.ExpectKey("seed");
        ulong seed = reader.ReadUInt64();
        reader.ExpectKey("batchSize");
        int batchSize = reader.ReadInt32("batchSize", Ranges.BatchSize);
        reader.ExpectKey("shards");
        int shards = reader.ReadInt32("shards", Ranges.Shards);
        reader.ExpectKey("totalSteps");
        long totalSteps = reader.ReadInt64("totalSteps", Ranges.TotalSteps);
        reader.ExpectKey("optimizer");
        OptimizerSpec optimizer = OptimizerCodec.Read(ref reader, version);
        reader.ExpectKey("data");
        DataSpec data = DataCodec.Read(ref reader, version);
        double smoothing = 0.0;
        double[] classWeights = [];
        if (version >= TargetsVersion)
        {
            reader.ExpectKey("labelSmoothing");
            smoothing = reader.ReadDouble("labelSmoothing", Ranges.LabelSmoothing);
            reader.ExpectKey("classWeights");
            classWeights = new double[reader.ReadCount(0, ModelSpec.MaxClasses)];
            for (int i = 0; i < classWeights.Length; i++)
                classWeights[i] = reader.ReadDouble("classWeights", Ranges.ClassWeight);
        }

        LossKind loss = default;
        if (entries > least)
        {
            // The default is omitted, so that each spec has one form.
            reader.ExpectKey("loss");
            loss = (LossKind)reader.ReadInt32("loss", 1, (int)LossKind.TargetSquaredError);
        }

        StopSpec? stop = version >= StopVersion ? StopCodec.Read(ref reader) : null;
        if (stop is not null && data.ValidationExamples == 0)
            throw new FormatException("a run that may stop early, without validation examples.");
        AugmentationSpec? augmentation = version >= AugmentationVersion ? AugmentationCodec.Read(ref reader) : null;
        var spec = new RunSpec
        {
            Model = model,
            Loss = loss,
            LabelSmoothing = smoothing,
            ClassWeights = classWeights,
            Augmentation = augmentation,
            RestoredSha256 = restored,
            Seed = seed,
            BatchSize = batchSize,
            Shards = shards,
            TotalSteps = totalSteps,
            Optimizer = optimizer,
            Data = data,
            Stop = stop,
        };
        // Each spec has one form.
        if (version != VersionOf(spec))
            throw PackReading.OutOfRange("version", version, $"{VersionOf(spec)}, the first that can hold it");
        return spec.Validate() is [{ } wrong, ..] ? throw new FormatException(wrong) : spec;
    }

    private static int EntriesOf(int version) =>
        Entries + (version >= TargetsVersion ? TargetEntries : 0) + (version >= StopVersion ? 1 : 0)
            + (version >= AugmentationVersion ? 1 : 0);

    /// <summary>A map of name and fields, preceded by the kind unless it is the default.</summary>
    private static void WriteLayer(ref MessagePackWriter writer, LayerSpec layer)
    {
        bool isDefault = layer.Kind == LayerKind.Default;
        writer.WriteMapHeader(layer.Kind.Fields.Count + (isDefault ? 1 : 2));
        if (!isDefault)
        {
            writer.Write("kind");
            writer.Write(layer.Kind.Name);
        }

        writer.Write("name");
        writer.Write(layer.Name);
        foreach ((LayerField field, object value) in layer.Kind.Fields.Zip(layer.Kind.ValuesOf(layer)))
        {
            writer.Write(field.Key);
            switch (field)
            {
                case IntegerField or ChoiceField:
                    writer.Write((int)value);
                    break;
                case NumberField:
                    writer.Write((double)value);
                    break;
                case ParameterField:
                    WriteParameter(ref writer, (ParameterSpec)value);
                    break;
            }
        }
    }

    private static void WriteParameter(ref MessagePackWriter writer, ParameterSpec parameter)
    {
        writer.WriteMapHeader(5);
        writer.Write("name");
        writer.Write(parameter.Name);
        writer.Write("initializer");
        writer.WriteArrayHeader(3);
        writer.Write((int)parameter.Initializer.Kind);
        writer.Write(parameter.Initializer.First);
        writer.Write(parameter.Initializer.Second);
        writer.Write("trainable");
        writer.Write(parameter.IsTrainable);
        writer.Write("l2");
        WriteOptional(ref writer, parameter.L2);
        writer.Write("learningRate");
        WriteOptional(ref writer, parameter.LearningRate);
    }

    private static void WriteOptional(ref MessagePackWriter writer, double? value)
    {
        if (value is { } number)
            writer.Write(number);
        else
            writer.WriteNil();
    }

    private static LayerSpec ReadLayer(ref MessagePackReader reader)
    {
        int entries = reader.ReadMapHeader();
        string key = reader.ReadText(MaxNameBytes);
        LayerKind kind = LayerKind.Default;
        if (key == "kind")
        {
            string name = reader.ReadText(MaxNameBytes);
            kind = LayerKind.Find(name)
                ?? throw PackReading.OutOfRange("kind", ForeignText.Quote(name), string.Join(", ", LayerKind.Names));
            key = reader.ReadText(MaxNameBytes);
            entries--;
        }

        if (key != "name" || entries != kind.Fields.Count + 1)
            throw new FormatException(
                $"a layer of {entries} entries from {ForeignText.Quote(key)} on, expected {kind.Fields.Count + 1} from 'name' on.");
        string layer = reader.ReadText(MaxNameBytes);
        object[] values = new object[kind.Fields.Count];
        for (int i = 0; i < values.Length; i++)
        {
            reader.ExpectKey(kind.Fields[i].Key);
            values[i] = kind.Fields[i] switch
            {
                IntegerField integer => reader.ReadInt32(integer.Key, integer.Range),
                ChoiceField choice => reader.ReadInt32(choice.Key, 0, choice.Names.Count - 1),
                NumberField number => reader.ReadDouble(number.Key, number.Range),
                _ => ReadParameter(ref reader),
            };
        }

        return kind.Create(layer, values);
    }

    private static ParameterSpec ReadParameter(ref MessagePackReader reader)
    {
        reader.ExpectMap(5);
        reader.ExpectKey("name");
        string name = reader.ReadText(MaxNameBytes);
        reader.ExpectKey("initializer");
        reader.ExpectArray(3);
        var initializer = new Initializer((InitializerKind)reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        reader.ExpectKey("trainable");
        bool trainable = reader.ReadBoolean();
        reader.ExpectKey("l2");
        double? l2 = reader.TryReadNil() ? null : reader.ReadDouble("l2", Ranges.Penalty);
        reader.ExpectKey("learningRate");
        double? rate = reader.TryReadNil() ? null : reader.ReadDouble("learningRate", Ranges.LearningRate);
        if (ParameterSpec.NameProblem(name) is { } problem)
            throw new FormatException($"the parameter name '{name}' {problem}.");
        if (initializer.Problem is { } wrong)
            throw new FormatException($"the initializer of '{name}': {wrong}.");
        return new ParameterSpec { Name = name, Initializer = initializer, IsTrainable = trainable, L2 = l2, LearningRate = rate };
    }
}
